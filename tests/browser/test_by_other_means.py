"""A participant who uses no mouse, and one whose browser runs no scripts, each write the evening diary and read it
back.

How somebody joins by keyboard, from the code to the signature, is in test_a_diary.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.looking import Watched
from tests.browser.test_a_diary import _answer, press, type_into
from tests.journeys.cast import join

EVENING = {"pain_average": "4", "pain_worst": "6", "mood": "5", "hours_slept": "7.5", "flare": "no", "note": "Rain."}


@pytest.fixture
def her(place):
    return join(place.house)


def test_from_signing_in_to_signing_out_with_the_keyboard_alone(place, her, new_phone):
    watched = Watched(new_phone)
    page = watched.page
    page.goto(f"{place.origin('intake')}/sign-in")
    press(page, ".skip", "Enter")
    type_into(page, "[name=code]", her.code)
    type_into(page, "[name=passphrase]", her.passphrase)
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_contain_text("waiting")
    press(page, 'a[href^="/diary/evening"]', "Enter")
    expect(page.get_by_role("button", name="Next")).to_be_visible()
    left = dict(EVENING)
    while True:
        for name in [name for name in left if page.locator(f"[name={name}]").first.is_visible()]:
            _type(page, name, left.pop(name))
        if page.get_by_role("button", name="Save the entry").is_visible():
            break
        press(page, ".actions.steps button:nth-of-type(2)", "Enter")
    press(page, ".actions button[type=submit]", "Enter")
    expect(page.locator("main h1")).to_have_text("It is kept")
    press(page, 'nav a[href="/course"]', "Enter")
    expect(page.locator("main h1")).not_to_have_text("It is kept")
    expect(page.locator("main")).to_contain_text("Rain.")
    press(page, "form[action$='/sign-out'] button", "Space")

    expect(page.locator("main h1")).to_have_text("Sign in")
    assert left == {} and watched.said == []


def _type(page, name, value):
    """Arrows go from one step of a scale to the next, as in every group of radio buttons."""
    choice = page.locator(f"input[type=radio][name={name}]")
    if not choice.count():
        type_into(page, f"[name={name}]", value)
        return
    press(page, f"[name={name}]", "Space")
    for _ in range(choice.count()):
        if page.locator(f"[name={name}]:checked").get_attribute("value") == value:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{name} has no {value}")


def test_without_scripts_the_evening_diary_is_one_page_and_is_sent(place, her, phone_without_scripts):
    page = phone_without_scripts.new_page()
    page.goto(f"{place.origin('intake')}/sign-in")
    page.fill("main [name=code]", her.code)
    page.fill("main [name=passphrase]", her.passphrase)
    page.click("main button[type=submit]")
    page.locator('a[href^="/diary/evening"]').first.tap()
    expect(page.get_by_role("button", name="Save the entry")).to_be_visible()
    for name, value in EVENING.items():
        _answer(page, name, value)
    page.get_by_role("button", name="Save the entry").tap()

    expect(page.locator("main h1")).to_have_text("It is kept")
    expect(page.locator("main")).to_contain_text("Rain.")
