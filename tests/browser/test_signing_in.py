"""Somebody new at her own browser: an invitation, a passkey, the way out and in again; and the pages of one's
sign-in."""

import re
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import Watched

WORDS = "marble-cactus-violin-harbor"


@contextmanager
def with_authenticator(page: Page):
    """A passkey of this device, always with the right finger (Chrome's WebAuthn domain)."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield made["authenticatorId"]
    session.detach()


def invitation(place, name: str) -> str:
    """The address that the command prints."""
    said = place.house.run("staff", "invite", name, "--role", "clinician", "--site", "NS")
    path = said.strip().splitlines()[-1].strip().partition("/welcome")[2]
    return f"{place.origin('clinic')}/welcome{path}"


def test_somebody_new_makes_a_passkey_and_signs_in_with_it_alone(place, new_phone):
    watched = Watched(new_phone)
    page = watched.page
    with with_authenticator(page):
        page.goto(invitation(place, "Zoe New"))
        expect(page.locator("[name=invitation]")).to_have_value(re.compile(r"^[\w-]{43}$"))
        assert "#" not in page.url
        page.fill("[name=passphrase]", WORDS)
        page.fill("[name=again]", WORDS)
        page.click("main button[type=submit]")
        expect(page.get_by_role("button", name="Make a passkey")).to_be_visible()
        flaws = watched.flaws()
        page.get_by_role("button", name="Make a passkey").click()
        expect(page.locator("#codes")).to_be_visible()
        flaws += watched.flaws()
        page.get_by_role("link", name="I have kept them").click()
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("button", name="Sign in with a passkey").click()

        expect(page.locator(".who")).to_contain_text("Zoe New")

    assert flaws == []
    assert watched.said == []


def test_a_passphrase_a_code_and_the_pages_of_ones_sign_in(place, new_phone):
    watched = Watched(new_phone)
    page, flaws = watched.page, []
    place.house.account("Nurse Ida", "clinician", "--site", "NS")
    page.goto(f"{place.origin('clinic')}/sign-in")
    page.fill("[name=name]", "Nurse Ida")
    page.fill("[name=passphrase]", place.house.passphrases["Nurse Ida"])
    page.click("main button[type=submit]")
    expect(page.locator("[name=code]")).to_be_visible()
    flaws += watched.flaws()
    page.fill("[name=code]", place.house.factors["Nurse Ida"].next_code())
    page.click("main button[type=submit]")
    page.get_by_role("link", name="Nurse Ida").click()
    flaws += watched.flaws()
    for link in ("Add an authenticator app", "Add a passkey", "Change it"):
        page.get_by_role("link", name=link).click()
        expect(page.get_by_role("link", name="Back")).to_be_visible()
        flaws += watched.flaws()
        page.get_by_role("link", name="Back").click()

    with with_authenticator(page):
        page.get_by_role("link", name="Add a passkey").click()
        page.fill("[name=name]", "My tablet")
        page.get_by_role("button", name="Make it").click()
        expect(page.get_by_role("link", name="My tablet")).to_be_visible()
        page.goto(f"{place.origin('clinic')}/step-up?next=/your-sign-in")
        page.get_by_role("button", name="Use your passkey").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your sign-in")

    assert flaws == []
    assert watched.said == []


@pytest.mark.parametrize("page", ["/sign-in", "/welcome"])
def test_without_scripts_no_passkey_is_offered_and_the_rest_works(place, phone_without_scripts, page):
    shown = phone_without_scripts.new_page()

    shown.goto(f"{place.origin('clinic')}{page}")

    expect(
        shown.locator("[data-ask]").first if page == "/sign-in" else shown.locator("[name=invitation]")
    ).to_be_visible(visible=page != "/sign-in")
    expect(shown.locator("main button[type=submit]")).to_be_visible()
