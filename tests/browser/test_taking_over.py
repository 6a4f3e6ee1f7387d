"""What is the same each time is taken over at a tap: a dose in three, medicines in one, also without a network."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.looking import Watched
from tests.browser.test_a_diary import answer_by_touch, today
from tests.browser.test_offline import Phone, phone, until  # noqa: F401
from tests.journeys.cast import join, write

DOSE = {
    "substance": "lsd",
    "preparation": "liquid",
    "amount": "10.5",
    "unit": "ug",
    "expected": "3",
    "taken": f"{today()}T00:05",
}


class Taps:
    """Somebody's thumb, counted."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, target: Locator) -> None:
        self.count += 1
        target.tap()


def signed_in(place, context) -> Page:
    her = join(place.house)
    write(her, "dose", DOSE)
    page = context.new_page()
    page.goto(f"{place.origin('intake')}/sign-in")
    page.fill("main [name=code]", her.code)
    page.fill("main [name=passphrase]", her.passphrase)
    page.click("main button[type=submit]")
    return page


def test_a_dose_is_logged_in_three_taps_and_what_is_felt_is_not_taken_over(place, new_phone):
    page, tap = signed_in(place, new_phone), Taps()

    tap(page.locator('a[href="/diary/dose"]'))
    tap(page.get_by_role("button", name="just now"))
    expect(page.get_by_role("status").filter(has_text="Filled in as on")).to_be_visible()
    expect(page.locator('[name=substance][value="lsd"]')).to_be_checked()
    expect(page.locator("[name=taken]")).not_to_have_value("")
    expect(page.locator("[name=pain_before]:checked")).to_have_count(0)
    expect(page.locator('[name=pain_before][value="4"]')).to_be_visible()
    tap(page.get_by_role("button", name="Save the entry"))

    expect(page.get_by_role("heading", level=1)).to_have_text("It is kept")
    assert tap.count == 3
    expect(page.locator("main")).to_contain_text("10.5")
    expect(page.locator("main")).not_to_contain_text("how much change did you expect")


def test_what_was_typed_stays_when_the_rest_is_taken_over(place, new_phone):
    page = signed_in(place, new_phone)
    page.goto(f"{place.origin('intake')}/diary/dose")

    page.locator('[name=substance][value="mescaline"]').tap()
    page.get_by_role("button", name="just now").tap()

    expect(page.locator('[name=preparation][value="liquid"]')).to_be_checked()
    expect(page.locator('[name=substance][value="mescaline"]')).to_be_checked()
    watched = Watched(new_phone)
    watched.page.goto(f"{place.origin('intake')}/diary/dose")
    assert watched.flaws() == []


def test_without_scripts_the_form_comes_back_with_it(place, phone_without_scripts):
    page, tap = signed_in(place, phone_without_scripts), Taps()

    tap(page.locator('a[href="/diary/dose"]'))
    tap(page.get_by_role("button", name="just now"))
    expect(page.locator('[name=substance][value="lsd"]')).to_be_checked()
    tap(page.get_by_role("button", name="Save the entry"))

    expect(page.get_by_role("heading", level=1)).to_have_text("It is kept")
    assert tap.count == 3


def test_without_a_network_it_comes_from_this_phone(phone: Phone):  # noqa: F811
    page = phone.open("/diary/dose")
    page.wait_for_selector("form[data-ready]")
    expect(page.locator("[data-same]")).to_have_count(0)
    answer_by_touch(page, DOSE)
    expect(page.get_by_role("heading", level=1)).to_have_text("It is kept")
    page.close()
    phone.context.set_offline(True)

    page = phone.open("/")
    page.locator('a[href="/diary/dose"]').tap()
    page.wait_for_selector("form[data-ready]")
    page.get_by_role("button", name="just now").tap()
    expect(page.locator('[name=unit][value="ug"]')).to_be_checked()
    expect(page.locator("[name=amount]")).to_have_value("10.5")
    expect(page.locator("[name=expected]:checked")).to_have_count(0)
    page.get_by_role("button", name="Save the entry").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kept on this phone")
    page.close()
    phone.context.set_offline(False)
    page = phone.open("/")
    until(page, "navigator.locks.request('diary-sending', () => true)")
    page.reload()

    assert phone.arrived() == [("on_demand", None)] * 2


def test_whoever_erases_leaves_no_answers_on_their_phone(phone: Phone):  # noqa: F811
    page = phone.open("/diary/dose")
    page.wait_for_selector("form[data-ready]")
    answer_by_touch(page, DOSE)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("kept", re.IGNORECASE))

    page.goto(f"{phone.place.origin('intake')}/leave/study/erase")
    page.check("[name=alert][value=hand_over]")  # of what was said before consent
    page.fill("[name=word]", "ERASE")
    page.locator("main form button[type=submit]").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your answers are being erased")

    until(page, "indexedDB.databases().then((known) => known.every((one) => one.name !== 'diary'))")
