"""A day in the building, each at their own screen: somebody joins, raises an alert, a clinician answers; a researcher
is let in."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from studyportal.protocol import SHIPPED, load_protocol
from tests.browser.conftest import PATIENCE
from tests.browser.looking import TAGS, Watched
from tests.browser.test_a_diary import answer_by_touch
from tests.journeys.cast import BASELINE, PLAN, PURPOSE, evening_zone
from tests.protocol.documents import understood

IN_ALARM = {
    "pain_average": "9",
    "pain_worst": "9",
    "mood": "3",
    "hours_slept": "4",
    "flare": "yes",
    "note": "A hard day.",
}


@pytest.fixture
def desk_of(browser: Browser, place):
    """A function: the page of a member of staff at a wide screen, just signed in."""
    contexts = []

    def page_of(role: str) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        place.sign_in(page, role)
        return page

    yield page_of
    for context in contexts:
        context.close()


def test_a_coordinator_enrols_and_a_clinician_answers_the_alert_that_is_raised_on_a_phone(place, desk_of, new_phone):
    coordinator = desk_of("coordinator")
    coordinator.get_by_role("link", name="Enrolment").click()
    coordinator.locator('main a[href="/enrolment/codes"]').first.click()
    coordinator.fill("[name=count]", "1")
    coordinator.fill("[name=expires_on]", (datetime.now(UTC) + timedelta(days=7)).date().isoformat())
    coordinator.locator("[name=paper]").first.check()
    coordinator.click("main form button[type=submit]")
    code = coordinator.locator("main code").first.inner_text()

    watched = Watched(new_phone)
    phone = watched.page
    code_of_hers = _join(phone, place, code)
    phone.locator('a[href^="/diary/evening"]').first.tap()
    expect(phone.get_by_role("button", name="Next")).to_be_visible()
    answer_by_touch(phone, IN_ALARM)
    expect(phone.locator("main")).to_contain_text("It is kept")
    expect(phone.locator(".help")).to_be_visible()
    assert watched.flaws() == []

    clinician = desk_of("clinician")
    expect(clinician.locator("main")).to_contain_text(code_of_hers)
    clinician.get_by_role("link", name="Alerts", exact=True).click()
    clinician.get_by_role("link", name=re.compile(code_of_hers)).first.click()
    clinician.get_by_role("button", name="I am taking care of it").click()
    clinician.get_by_role("link", name=re.compile("Open what it says")).click()
    clinician.get_by_label("An alert of theirs has to be answered").check()
    clinician.get_by_role("button", name="Open their entries").click()
    expect(clinician.locator(".said")).not_to_have_count(0)
    clinician.locator("[name=act_what]").first.check()
    clinician.fill("[name=act_note]", "Called, they are with their sister.")
    clinician.get_by_role("button", name="Write it down").click()
    expect(clinician.locator("main")).to_contain_text("with their sister")
    clinician.get_by_text("Close it with an outcome").click()
    clinician.locator("[name=close_outcome]").first.check()
    clinician.get_by_role("button", name="Close the alert").click()
    expect(clinician.locator("main .lead")).to_contain_text("Closed")


def _join(page: Page, place, code: str) -> str:
    """Join as a person does on a phone; the participant code."""
    page.goto(f"{place.origin('intake')}/join")
    page.fill("[name=code]", code)
    page.click("main button[type=submit]")
    page.check("[name=adult][value=yes]")
    for name in ("pregnancy", "heart_valve", "suicidal_thoughts"):
        page.check(f"[name={name}][value=no]")
    page.check("[name=psychosis][value=none]")
    page.check("[name=risk_medicines][value=none]")
    page.click("main .actions button[type=submit]")
    words = " ".join(page.locator("#words li").all_inner_texts())
    her_code = page.locator("#participant-code").inner_text()
    page.click("main button[type=submit]")
    for name, value in understood(load_protocol(SHIPPED).consent).items():
        page.check(f"[name={name}][value={value}]")
    for scope, choice in (("study", "yes"), ("sharing", "yes"), ("recontact", "no"), ("linkage", "no")):
        page.check(f"[name=scope-{scope}][value={choice}]")
    page.select_option("[name=zone]", evening_zone(datetime.now(UTC)))
    page.fill("[name=passphrase]", words)
    page.locator("main button[type=submit]").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("waiting")
    page.locator('a[href^="/diary/baseline"]').tap()
    expect(page.get_by_role("button", name="Next")).to_be_visible()
    answer_by_touch(page, BASELINE)
    expect(page.get_by_role("heading", level=1)).to_have_text("It is kept")
    page.goto(place.origin("intake"))
    return her_code


def test_a_custodian_approves_a_researcher_who_sees_a_cohort_and_downloads_its_report(place, desk_of):
    researcher, custodian, title = desk_of("researcher"), desk_of("custodian"), "Pain in the first weeks"
    until = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
    researcher.goto(f"{place.origin('research')}/ask")
    for name, words in (("title", title), ("purpose", PURPOSE), ("plan", PLAN), ("ethics_reference", "EK 14/2026")):
        researcher.fill(f"[name={name}]", words)
    while (shut := researcher.locator("details:not([open]) > summary")).count():
        shut.first.click()
    for box in researcher.locator("[name=items]").all():
        box.check()
    researcher.check("[name=level][value=records]")
    researcher.fill("[name=wanted_until]", until)
    researcher.get_by_role("button", name="Send the request").click()

    custodian.goto(f"{place.origin('custody')}/requests/")
    custodian.get_by_role("link", name=title).click()
    custodian.get_by_role("button", name="See what you would sign").click()
    custodian.fill("[name=word]", "APPROVE")
    custodian.locator("main form button[type=submit]").first.click()

    researcher.goto(place.origin("research"))
    researcher.locator('main a[href^="/agreements/"]').first.click()
    researcher.check("[name=read]")
    researcher.fill("[name=signed_name]", place.people["researcher"].words["name"])
    researcher.get_by_role("button", name="Sign the agreement").click()
    expect(researcher.locator("main")).to_contain_text("Your project is open")
    researcher.locator('main a[href*="/cohort"]').first.click()
    expect(researcher.locator("main table").first).to_be_visible()
    _see_and_save(researcher)

    researcher.get_by_role("button", name="Make the report").click()
    expect(researcher.get_by_role("status")).to_contain_text("sections are done")
    place.house.work()
    with researcher.expect_download() as coming:
        researcher.get_by_role("link", name="Download the report").click()
    assert coming.value.path().read_bytes().startswith(b"%PDF-")


def _see_and_save(researcher: Page) -> None:
    """Choose people and results with the pointer, read the price, open, look, save, and come back by the saved
    cohort."""
    researcher.goto(researcher.url.partition("?")[0] + "?show=table_one")
    # One box for each bin; whether rare answers stand with this one is left to how the numbers are blurred.
    _tick(researcher, "baseline.diagnosis", "fibromyalgia", matching="^=")
    expect(researcher.locator("#left")).to_contain_text("Fibromyalgia")
    _tick(researcher, "show", "evening.pain_average")
    _tick(researcher, "show", "retention:evening")
    # Of so few people only this one has anything to draw.
    _tick(researcher, "show", "baseline.diagnosis")
    expect(researcher.locator(".gate")).to_contain_text("Open these 4 results?")
    # Table 1 has that item too, and what is opened twice costs once.
    expect(researcher.locator(".gate")).to_contain_text("Opening this costs 30")
    assert "show=baseline.diagnosis" in researcher.url
    researcher.get_by_role("button", name="Open results").click()
    expect(researcher.locator("section.result")).to_have_count(4)
    expect(researcher.locator("#results figure.picture svg").first).to_be_visible()
    _is_accessible(researcher)

    researcher.fill("[name=name]", "Fibromyalgia")
    researcher.get_by_role("button", name="Save the cohort").click()
    expect(researcher.locator("main .lead")).to_contain_text("Saved as C-1.1")
    expect(researcher.locator(".cite")).to_contain_text("Fibromyalgia")
    _is_accessible(researcher)
    researcher.go_back()
    expect(researcher.locator("section.result")).to_have_count(4)
    researcher.go_forward()
    researcher.get_by_role("link", name="Open it").click()
    expect(researcher.locator("#left")).to_contain_text("Fibromyalgia")


def _tick(page: Page, name: str, value: str, *, matching: str = "=") -> None:
    """Open what a box stands in, and tick it."""
    box = page.locator(f'input[name="{name}"][value{matching}"{value}"]')
    while (shut := page.locator("details:not([open])", has=box)).count():
        shut.first.locator("> summary").click()
    box.check()


def _is_accessible(page: Page) -> None:
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]})
    assert [one["id"] for one in found.response["violations"]] == []
