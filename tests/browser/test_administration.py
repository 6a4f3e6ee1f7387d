"""An administrator at her desk: invites a colleague who begins at once, and ends one whose open pages stop at once."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE
from tests.browser.looking import Watched

WORDS = "marble-cactus-violin-harbor"


@pytest.fixture
def desk(browser):
    """A computer that nobody has used."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce", locale="en-GB")
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


def test_an_administrator_ends_a_colleague_whose_open_pages_stop_at_once(place, phone, desk):
    passphrase = place.house.account("Nurse Uma", "clinician", "--site", "NS")
    theirs, other = desk.new_page(), desk.new_page()
    _sign_in(theirs, place, "Nurse Uma", passphrase)
    theirs.goto(f"{place.origin('clinic')}/alerts/")
    other.goto(f"{place.origin('clinic')}/your-sign-in/passphrase")
    watched = Watched(phone("administrator"))
    page = watched.page

    page.goto(f"{place.origin('custody')}/")
    page.get_by_role("link", name="Nurse Uma").click()
    expect(page.locator("main .lead")).to_contain_text("Signed in now")
    page.get_by_role("link", name="End it").click()
    _show_again(page, place)
    page.get_by_label("Type Nurse Uma to confirm").fill("Nurse Uma")
    page.get_by_role("button", name="End the account").click()
    _show_again(page, place)
    expect(page.get_by_role("status")).to_contain_text("The account of Nurse Uma has ended")

    theirs.locator("main a[href^='/alerts/']").first.click()
    theirs.wait_for_url("**/sign-in**")
    other.fill("[name=passphrase]", WORDS)
    other.fill("[name=again]", WORDS)
    other.click("main button[type=submit]")
    expect(other.locator("main h1")).to_have_text("Sign in first")
    _type(theirs, place, "Nurse Uma", passphrase)
    expect(theirs.locator(".error-summary")).to_be_visible()
    assert watched.flaws() == []


def test_somebody_invited_on_the_page_begins_at_their_own_computer(place, phone, desk):
    watched = Watched(phone("administrator"))
    page = watched.page
    page.goto(f"{place.origin('custody')}/staff/new")
    _show_again(page, place)
    page.fill("[name=name]", "Ida Invited")
    page.check("[name=role][value=clinician]")
    page.select_option("[name=site]", "NS")
    page.click("main button[type=submit]")
    _show_again(page, place)
    token = page.locator("#address").inner_text().partition("#")[2]
    flaws = watched.flaws()
    hers = desk.new_page()

    hers.goto(f"{place.origin('clinic')}/welcome#{token}")
    hers.fill("[name=passphrase]", WORDS)
    hers.fill("[name=again]", WORDS)
    hers.click("main button[type=submit]")

    expect(hers.get_by_role("button", name="Make a passkey")).to_be_visible()
    page.get_by_role("link", name="I have handed it over").click()
    row = page.get_by_role("row").filter(has_text="Ida Invited")
    expect(row).to_contain_text("Invited until")
    assert flaws == []


def _show_again(page: Page, place) -> None:
    """Show the second factor again where that is asked for: the phone may have signed in a while ago."""
    if "/step-up" in page.url:
        page.fill("[name=step_up_code]", place.house.factors[place.people["administrator"].words["name"]].next_code())
        page.locator("main button[type=submit]").last.click()


def _sign_in(page: Page, place, name: str, passphrase: str) -> None:
    page.goto(f"{place.origin('clinic')}/sign-in")
    _type(page, place, name, passphrase)
    page.fill("main [name=code]", place.house.factors[name].next_code())
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def _type(page: Page, place, name: str, passphrase: str) -> None:
    page.fill("main [name=name]", name)
    page.fill("main [name=passphrase]", passphrase)
    page.click("main button[type=submit]")
