"""A participant at her phone: by keyboard, by touch, with a mistake, without scripts."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from tests.browser.looking import Watched
from tests.journeys.cast import BASELINE, evening_zone


def tab_to(page: Page, selector: str) -> None:
    """Reach a control as somebody without a mouse does."""
    for _ in range(80):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached by keyboard on {page.url}")


def type_into(page: Page, selector: str, words: str) -> None:
    tab_to(page, selector)
    page.keyboard.type(words)


def press(page: Page, selector: str, key: str) -> None:
    tab_to(page, selector)
    page.keyboard.press(key)


def choose(page: Page, name: str, steps: int) -> None:
    """Choose one of a few: so many steps down from the first."""
    press(page, f"[name={name}]", "Space")
    for _ in range(steps):
        page.keyboard.press("ArrowDown")


def answer_by_touch(page: Page, answers: dict[str, str]) -> None:
    """Tap what is to be chosen and type the rest, screen after screen, until the entry is saved."""
    left, save = dict(answers), page.get_by_role("button", name="Save the entry")
    while True:
        for name in [name for name in left if page.locator(f"[name={name}]").first.is_visible()]:
            _answer(page, name, left.pop(name))
        if save.is_visible():
            break
        page.get_by_role("button", name="Next").tap()
    assert not left
    save.tap()


def _answer(page: Page, name: str, value: str) -> None:
    choice = page.locator(f'input[type=radio][name={name}][value="{value}"]')
    if choice.count():
        choice.tap()
    else:
        page.locator(f"[name={name}]").fill(value)


def today() -> str:
    """The date where the participants of this study live."""
    now = datetime.now(UTC)
    return now.astimezone(ZoneInfo(evening_zone(now))).date().isoformat()


def sign_in(page: Page, place, role: str) -> None:
    person = place.people[role]
    page.goto(f"{place.origin(person.room)}/sign-in")
    for name, words in person.words.items():
        page.fill(f"[name={name}]", words)
    page.click("main button[type=submit]")


def test_somebody_joins_by_keyboard_writes_by_touch_and_reads_it_back(place, new_phone):
    watched = Watched(new_phone)
    page = watched.page
    page.goto(f"{place.origin('intake')}/join")
    type_into(page, "[name=code]", place.new_code())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Before you decide")
    assert watched.flaws() == []
    for name, steps in (("adult", 0), ("pregnancy", 1), ("heart_valve", 1), ("suicidal_thoughts", 0)):
        choose(page, name, steps)
        if name == "pregnancy":
            press(page, "[name=psychosis][value=none]", "Space")
            press(page, "[name=risk_medicines][value=none]", "Space")
    assert page.evaluate("Object.keys(sessionStorage).length") == 0
    press(page, "main .actions button[type=submit]", "Enter")
    expect(page.locator("#words li")).to_have_count(6)
    expect(page.locator(".help")).to_contain_text("thoughts of ending your life")
    words = " ".join(page.locator("#words li").all_inner_texts())
    assert watched.flaws() == []
    press(page, "main button[type=submit]", "Enter")
    expect(page.locator("[name=zone]")).to_be_visible()
    assert watched.flaws() == []
    for name, steps in (("gives_nothing", 2), ("nobody_reads", 1), ("leaving", 0), ("erasing", 0)):
        choose(page, f"check-{name}", steps)
    press(page, "[name=check]", "Enter")
    expect(page.locator(".error-summary")).to_contain_text("The keys to your answers are destroyed.")
    assert [flaw for flaw in watched.flaws() if "(UNPROCESSABLE ENTITY)" not in flaw] == []
    watched.said.clear()  # a browser complains of every form that comes back
    tab_to(page, "[name=check-erasing]")
    page.keyboard.press("ArrowDown")
    press(page, "[name=check]", "Enter")
    expect(page.get_by_role("status").filter(has_text="All clear")).to_be_visible()
    for scope, choice in (("study", "yes"), ("sharing", "yes"), ("recontact", "no"), ("linkage", "no")):
        press(page, f"[name=scope-{scope}]", "Space")
        if choice == "no":
            page.keyboard.press("ArrowDown")
        assert page.locator(f"[name=scope-{scope}]:checked").get_attribute("value") == choice
    tab_to(page, "[name=zone]")
    page.keyboard.type("Europe/Berlin")
    type_into(page, "[name=passphrase]", words)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text("waiting")
    page.locator('a[href^="/diary/baseline"]').tap()
    expect(page.get_by_role("button", name="Next")).to_be_visible()
    answer_by_touch(page, BASELINE)

    expect(page.get_by_role("heading", level=1)).to_have_text("It is kept")
    assert watched.flaws() == []
    page.get_by_role("link", name="My diary").tap()
    expect(page.locator("main")).to_contain_text("Fibromyalgia")
    expect(page.locator("main")).to_contain_text("6 of 10")
    assert watched.said == []


def test_a_mistake_is_told_at_the_top_and_at_the_question_and_nothing_typed_is_lost(place, new_phone):
    page = new_phone.new_page()
    sign_in(page, place, "participant")
    page.goto(f"{place.origin('intake')}/diary/dose")

    answer_by_touch(page, {"substance": "other", "amount": "a little", "own_words": "A tea of leaves."})

    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    link = summary.get_by_role("link").first
    question = page.locator(link.get_attribute("href"))
    link.tap()
    expect(question).to_be_focused()
    expect(question).to_have_value("a little")
    expect(question).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name=own_words]")).to_have_value("A tea of leaves.")
    expect(page.locator('[name=substance][value="other"]')).to_be_checked()


def test_what_was_typed_is_there_again_after_the_page_was_left(place, new_phone):
    page = new_phone.new_page()
    sign_in(page, place, "participant")
    page.goto(f"{place.origin('intake')}/diary/dose")

    page.locator('[name=substance][value="lsd"]').tap()
    page.goto(f"{place.origin('intake')}/")
    page.goto(f"{place.origin('intake')}/diary/dose")

    expect(page.locator('[name=substance][value="lsd"]')).to_be_checked()


def test_whoever_signs_out_leaves_nothing_typed_in_the_browser(place, new_phone):
    page = new_phone.new_page()
    sign_in(page, place, "participant")
    page.goto(f"{place.origin('intake')}/diary/dose")

    page.locator('[name=substance][value="lsd"]').tap()
    kept = page.evaluate("sessionStorage.length")
    page.get_by_role("button", name="Sign out").tap()
    expect(page.locator(".who")).to_have_count(0)

    assert kept == 1
    assert page.evaluate("sessionStorage.length") == 0


def test_without_scripts_the_diary_is_one_page_and_works(place, phone_without_scripts):
    page = phone_without_scripts.new_page()
    sign_in(page, place, "participant")

    page.locator('a[href="/diary/dose"]').tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Something I took")
    for name, value in {"substance": "lsd", "amount": "10", "unit": "ug", "taken": f"{today()}T08:00"}.items():
        _answer(page, name, value)
    page.get_by_role("button", name="Save the entry").tap()

    expect(page.get_by_role("heading", level=1)).to_have_text("It is kept")
    expect(page.locator("main")).to_contain_text("LSD")
