"""A participant's passkey at her own phone: added, signed in with, a diary sent, and the six words typed before
reading."""

import re

from playwright.sync_api import expect

from tests.browser.looking import Watched
from tests.browser.test_a_diary import answer_by_touch
from tests.browser.test_signing_in import with_authenticator
from tests.journeys.cast import join

EVENING = {"pain_average": "9", "pain_worst": "8", "mood": "4", "hours_slept": "6.5", "flare": "no"}


def test_somebody_signs_in_with_a_finger_writes_and_types_her_words_to_read(place, new_phone):
    her = join(place.house)
    watched = Watched(new_phone)
    page, flaws = watched.page, []
    with with_authenticator(page) as authenticator:
        page.goto(f"{place.origin('intake')}/sign-in")
        page.fill("main [name=code]", her.code)
        page.fill("main [name=passphrase]", her.passphrase)
        page.click("main button[type=submit]")
        page.get_by_role("link", name=her.code).click()
        page.get_by_role("link", name="Add a passkey").click()
        page.get_by_label("My phone").check()
        page.fill("[name=passphrase]", her.passphrase)
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("button", name="Make it")).to_be_visible()
        flaws += watched.flaws()
        page.get_by_role("button", name="Make it").click()
        expect(page.locator("main")).to_contain_text("My phone")
        flaws += watched.flaws()
        session = page.context.new_cdp_session(page)
        (kept,) = session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]
        page.get_by_role("button", name="Sign out", exact=True).click()
        flaws += watched.flaws()
        page.get_by_label("Stay signed in on this phone for 30 days").last.check()
        page.get_by_role("button", name="Sign in with a passkey").click()

        # Remembered, so this phone keeps the diary and sends it itself; it says whom to call, too.
        expect(page.locator("html[data-keeps=yes]")).to_be_attached()
        page.locator('a[href^="/diary/evening"]').first.tap()
        expect(page.locator("form[data-ready]")).to_be_attached()
        answer_by_touch(page, EVENING)
        expect(page.locator("main h1")).to_have_text("Sent")
        expect(page.locator("[data-help]")).to_be_visible()
        flaws += watched.flaws()

        page.get_by_role("link", name="My diary").click()
        expect(page.locator("main h1")).to_have_text("Type your six words to read what you wrote")
        flaws += watched.flaws()
        page.fill("[name=opening_words]", her.passphrase)
        page.get_by_role("button", name="Open it").click()
        expect(page.locator("main")).to_contain_text(re.compile("Average pain"))

        page.get_by_role("link", name=her.code).click()
        page.get_by_role("button", name="Remove the passkey").click()
        expect(page.locator("main h1")).to_have_text("Remove this passkey")
        flaws += watched.flaws()

    assert her.code not in str(kept)
    assert flaws == []
    assert watched.said == []
