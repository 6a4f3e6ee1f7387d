"""What a researcher does with long lists: look for a result by its words, with or without scripts."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def cohort(place, phone):
    """The address of the researcher's cohort page."""
    page = phone("researcher").new_page()
    page.goto(f"{place.origin('research')}/")
    project = page.locator('a[href^="/projects/"]').first.get_attribute("href")
    yield f"{place.origin('research')}{project.rstrip('/')}/cohort?show=evening.pain_average"
    page.close()


def test_a_result_is_found_by_typing_and_every_one_comes_back(phone, cohort):
    page = phone("researcher").new_page()
    page.goto(cohort)
    entries = page.locator("#results-list [data-entry]")
    all_of_them = entries.count()
    page.click("text=What do you want to see?")
    was_open = page.locator("#results-list details[open]").count()

    page.get_by_role("searchbox", name="Find a result").press_sequentially("WORST pain change")
    page.keyboard.press("Enter")

    expect(page.locator("#find-results-list-said")).to_have_text(f"1 of {all_of_them}")
    assert page.url == cohort
    # The next key reaches what was found.
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.value ?? ''")
    assert focused == "change:evening.pain_worst"

    page.get_by_role("searchbox", name="Find a result").fill("nothing is called so")
    expect(page.locator("#find-results-list-said")).to_have_text(f"None of {all_of_them}")
    page.get_by_role("searchbox", name="Find a result").fill("")
    expect(page.locator("#find-results-list-said")).to_have_text("")
    assert page.locator("#results-list [data-entry][hidden]").count() == 0
    assert page.locator("#results-list details[open]").count() == was_open
    page.close()


def test_without_scripts_the_field_is_not_there_and_the_groups_are(place, phone, phone_without_scripts, cohort):
    phone_without_scripts.add_cookies(phone("researcher").cookies())
    page = phone_without_scripts.new_page()
    page.goto(cohort)

    assert page.locator("input[type=search]:visible").count() == 0
    page.click("text=What do you want to see?")
    page.click("#results-list > details:has-text('Change from the beginning') > summary")
    expect(page.locator('input[value="change:evening.pain_worst"]')).to_be_visible()
    page.close()
