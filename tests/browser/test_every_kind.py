"""One question of every kind in a real browser, by keyboard, with and without scripts: what is kept is what was
answered."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import _new_phone
from tests.browser.looking import Watched
from tests.browser.place import Everything
from tests.browser.test_a_diary import press, tab_to, type_into
from tests.intake.every_kind import KEPT
from tests.journeys.cast import Participant, join


def diary_of(everything: Everything, context: BrowserContext) -> tuple[Watched, Participant]:
    """The evening's form, opened by somebody who has just joined."""
    her, watched = join(everything.house), Watched(context)
    page = watched.page
    page.goto(f"{everything.origin}/sign-in")
    page.fill("[name=code]", her.code)
    page.fill("[name=passphrase]", her.passphrase)
    page.click("main button[type=submit]")
    page.locator('a[href^="/diary/evening"]').click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Everything this evening")
    return watched, her


def kept(page: Page) -> dict:
    """The one entry of this participant, from the file that she can take along."""
    with page.expect_download() as coming:
        page.evaluate("location.href = '/download'")
    (entry,) = json.loads(coming.value.path().read_text(encoding="utf-8"))["entries"]
    return entry["entry"]


def choose(page: Page, name: str, value: str) -> None:
    """Choose a button of a group by keyboard, as a screen reader's user does: into the group, then by arrows."""
    if page.locator(f"[name={name}]:checked").count() == 0:
        tab_to(page, f"[name={name}]")
        page.keyboard.press("Space")
    for _ in range(20):
        if page.locator(f"[name={name}]:checked").get_attribute("value") == value:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{value} of {name} cannot be reached by arrows")


def tick(page: Page, name: str, *values: str) -> None:
    for value in values:
        press(page, f'[name={name}][value="{value}"]', "Space")


def go_on(page: Page) -> None:
    """Press Next by keyboard, where the form has screens."""
    button = page.get_by_role("button", name="Next", exact=True)
    if button.count() and button.is_visible():
        tab_to(page, ".steps > .btn-primary")
        page.keyboard.press("Enter")


def answer_everything(page: Page) -> None:
    """In the order of the form, by keyboard alone."""
    choose(page, "pain", "9")
    type_into(page, "[name=relief]:not([type=checkbox])", "40")
    go_on(page)
    tick(page, "places", "left_hip", "lower_back")
    go_on(page)
    choose(page, "flare", "yes")
    type_into(page, "[name=flare_cause]", "Rain, and")
    page.keyboard.press("Enter")
    page.keyboard.type("a long drive.")
    type_into(page, "[name=word]:not([type=checkbox])", "Grey")
    go_on(page)
    type_into(page, "[name=steps]", "4200")
    type_into(page, "[name=weight]:not([type=checkbox])", "71.5")
    type_into(page, "[name=slept-hours]", "7")
    type_into(page, "[name=slept-minutes]", "30")
    go_on(page)
    tick(page, "helped", "warmth", "movement")
    choose(page, "movement_kind", "walk")
    choose(page, "low", "never")
    go_on(page)
    tab_to(page, "[name=bed]")
    page.keyboard.type("1040PM")
    if page.locator("[name=bed]").input_value() != "22:40":  # a clock of 24 hours
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        page.keyboard.type("2240")
    go_on(page)
    type_into(page, "[name=medicines-0-name]", "Paracetamol")
    type_into(page, "[name=medicines-0-amount]", "500")
    choose(page, "medicines-0-regular", "no")
    if page.locator("[name=medicines-1-name]").count() == 0:
        press(page, "[data-add]", "Enter")
    type_into(page, "[name=medicines-1-name]", "Ibuprofen")
    go_on(page)
    choose(page, "enjoyment", "6")
    choose(page, "activity", "6")


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def context(request, browser) -> Iterator[BrowserContext]:
    with _new_phone(browser, java_script_enabled=request.param) as found:
        yield found


def test_every_kind_is_answered_by_keyboard_and_kept_as_it_was_answered(everything, context):
    watched, _ = diary_of(everything, context)
    page = watched.page

    answer_everything(page)
    tab_to(page, ".actions > [type=submit]")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("It is kept")
    expect(page.locator(".help")).to_contain_text("a lot of pain")
    assert kept(page)["answers"] == KEPT
    assert watched.said == []


def test_every_screen_of_the_form_fits_a_phone_and_can_be_used_by_everybody(everything, new_phone):
    watched, _ = diary_of(everything, new_phone)
    page, flaws = watched.page, {}
    page.locator('[name=pain][value="9"]').check(force=True)

    for _ in range(20):
        flaws |= {words: page.locator(".progress-line p").inner_text() for words in watched.flaws()}
        following = page.get_by_role("button", name="Next", exact=True)
        if not following.is_visible():
            break
        following.tap()
    page.get_by_role("button", name="Save the entry").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("It is kept")

    assert flaws == {}
    assert watched.flaws() == []


def test_without_scripts_a_button_brings_more_rows_and_loses_nothing(everything, phone_without_scripts):
    page = diary_of(everything, phone_without_scripts)[0].page
    for row in range(3):
        page.locator(f"[name=medicines-{row}-name]").fill(f"Medicine {row}")

    page.locator("[name=entry-more]").tap()

    expect(page.locator(".group-row")).to_have_count(5)
    expect(page.locator("[name=medicines-2-name]")).to_have_value("Medicine 2")


def test_a_slider_shows_no_place_until_it_is_touched_and_then_sets_the_number(everything, new_phone):
    page = diary_of(everything, new_phone)[0].page
    slider, number = page.get_by_role("slider"), page.locator("[name=relief]:not([type=checkbox])")

    expect(slider).to_have_class("slider untouched")
    expect(slider).to_have_attribute("aria-valuetext", "no answer yet")
    slider.press("ArrowRight")
    expect(number).to_have_value("51")
    page.locator("[name=relief][type=checkbox]").check(force=True)

    expect(number).to_have_value("")
    expect(slider).to_have_class("slider untouched")


def test_a_region_is_chosen_on_the_figure_and_nowhere_excludes_it(everything, new_phone):
    page = diary_of(everything, new_phone)[0].page
    page.get_by_role("button", name="Next", exact=True).tap()
    region, box = page.locator('[data-region="lower_back"] label'), page.get_by_role("checkbox", name="Lower back")

    region.tap()
    expect(box).to_be_checked()
    page.get_by_role("checkbox", name="Nowhere").check(force=True)
    expect(box).not_to_be_checked()
    region.tap()

    expect(box).to_be_checked()
    expect(page.get_by_role("checkbox", name="Nowhere")).not_to_be_checked()


def to_screen_of(page: Page, name: str) -> None:
    for _ in range(20):
        if page.locator(f"[name={name}]").first.is_visible():
            return
        page.get_by_role("button", name="Next", exact=True).tap()
    raise AssertionError(f"{name} is on no screen")


def test_a_branch_opens_and_closes_and_what_was_hidden_is_not_sent(everything, new_phone):
    page = diary_of(everything, new_phone)[0].page
    page.locator('[name=pain][value="3"]').check(force=True)
    to_screen_of(page, "flare")
    cause = page.locator("[name=flare_cause]")

    expect(cause).to_be_hidden()
    page.locator('[name=flare][value="yes"]').check(force=True)
    cause.fill("Rain")
    page.locator('[name=flare][value="no"]').check(force=True)
    expect(cause).to_be_hidden()
    expect(cause).to_be_disabled()
    to_screen_of(page, "enjoyment")
    page.get_by_role("button", name="Save the entry").tap()

    expect(page.get_by_role("heading", level=1)).to_have_text("It is kept")
    assert kept(page)["answers"] == {"pain": 3, "flare": False, "twice": 6.0}


def test_what_was_typed_of_every_kind_is_there_again_after_the_page_was_left(everything, new_phone):
    page = diary_of(everything, new_phone)[0].page
    answer_everything(page)

    page.goto(everything.origin)
    page.locator('a[href^="/diary/evening"]').click()
    page.wait_for_url("**/diary/evening**")
    expect(page.get_by_role("button", name="Next")).to_be_visible()
    to_screen_of(page, "enjoyment")
    page.get_by_role("button", name="Save the entry").tap()

    expect(page.get_by_role("heading", level=1)).to_have_text("It is kept")
    assert kept(page)["answers"] == KEPT
