"""A phone without a network: the diary goes on, nothing is lost, and everything arrives once and in order."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Page, expect

from studyportal.database import reading
from studyportal.portal.inside import inside
from studyportal.registry.tables import ENROLMENTS, PARTICIPANT_SESSIONS, SEALED_ENTRIES
from tests.browser.test_a_diary import answer_by_touch, today
from tests.journeys.cast import Participant, join, write

EVENING = {"pain_average": "9", "pain_worst": "9", "mood": "4", "flare": "no", "note": "Rain all day."}
DOSE = {"substance": "lsd", "amount": "10", "unit": "ug", "taken": f"{today()}T08:00"}


@dataclass
class Phone:
    """Somebody's own phone, on which they said that they stay signed in."""

    context: BrowserContext
    person: Participant
    place: object

    def open(self, path: str) -> Page:
        page = self.context.new_page()
        page.goto(self.place.origin("intake") + path)
        return page

    def arrived(self) -> Sequence[tuple[str, int | None]]:
        """What has arrived from them, in the order in which it did: instrument (all on demand alike) and occasion."""
        with inside("intake", self.place.house.folder), reading("registry") as connection:
            rows = connection.execute(
                sa.select(SEALED_ENTRIES.c.schedule, SEALED_ENTRIES.c.occasion)
                .join(ENROLMENTS, ENROLMENTS.c.id == SEALED_ENTRIES.c.enrolment)
                .where(ENROLMENTS.c.participant_code == self.person.code)
                .order_by(SEALED_ENTRIES.c.received_at)
            )
            return [(row.schedule, row.occasion) for row in rows if row.schedule != "screening"]


@pytest.fixture
def phone(place, new_phone) -> Phone:
    person = join(place.house)
    page = new_phone.new_page()
    page.goto(f"{place.origin('intake')}/sign-in")
    page.fill("main [name=code]", person.code)
    page.fill("main [name=passphrase]", person.passphrase)
    page.check("[name=remember]")
    page.click("main button[type=submit]")
    page.wait_for_selector("html[data-keeps]", state="attached")
    page.close()
    return Phone(new_phone, person, place)


def until(page: Page, question: str) -> None:
    """Wait for a script that promises an answer; `wait_for_function` takes the promise itself for a yes."""
    for _ in range(100):
        if page.evaluate(question):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never true: {question}")


def test_with_the_network_cut_in_the_middle_and_the_tab_killed_every_entry_arrives_once_and_in_order(phone):
    page = phone.open("/")
    page.locator('a[href^="/diary/evening"]').tap()
    page.wait_for_selector("form[data-ready]")
    phone.context.set_offline(True)
    answer_by_touch(page, EVENING)
    expect(page.get_by_role("heading", level=1)).to_have_text("Kept on this phone")
    # Pain of 9: whom to call, and that nobody reads it yet.
    expect(page.get_by_text("Nobody of the study team can read this yet.")).to_be_visible()
    expect(page.locator(".help .call").first).to_be_visible()
    page.close()

    page = phone.open("/")
    expect(page.get_by_text("It will be sent when you are online.")).to_be_visible()
    expect(page.locator('a[href^="/diary/evening"]')).to_have_count(0)
    page.locator('a[href="/diary/dose"]').tap()
    page.wait_for_selector("form[data-ready]")
    answer_by_touch(page, DOSE)
    expect(page.get_by_role("heading", level=1)).to_have_text("Kept on this phone")
    page.close()
    assert phone.arrived() == []

    phone.context.set_offline(False)
    page = phone.open("/")
    expect(page.locator("li", has_text="Given").filter(has_text="Evening diary")).to_be_visible()
    page.reload()

    assert phone.arrived() == [("evening", 1), ("on_demand", None)]


def test_what_is_typed_outlives_the_tab(phone):
    page = phone.open("/")
    page.locator('a[href^="/diary/evening"]').tap()
    page.wait_for_selector("form[data-ready]")
    page.locator('[name=pain_average][value="7"]').tap()
    until(page, DRAFTS)
    address = page.url
    page.close()

    page = phone.context.new_page()
    page.goto(address)

    expect(page.locator('[name=pain_average][value="7"]')).to_be_checked()


def test_an_entry_is_sent_after_the_session_has_ended(phone):
    page = phone.open("/diary/dose")
    page.wait_for_selector("form[data-ready]")
    phone.context.set_offline(True)
    answer_by_touch(page, DOSE)
    expect(page.get_by_role("heading", level=1)).to_have_text("Kept on this phone")
    phone.context.clear_cookies()

    phone.context.set_offline(False)
    page = phone.open("/sign-in")
    until(page, QUEUE_IS_EMPTY)
    expect(page.locator("[data-waiting-here]")).to_have_count(0)

    assert phone.arrived() == [("on_demand", None)]


def test_signing_out_offers_to_send_first_and_then_clears_the_phone(phone):
    page = phone.open("/diary/dose")
    page.wait_for_selector("form[data-ready]")
    # The study cannot be reached just now, though there is a network.
    phone.context.route("**/api/forms/*", lambda route: route.abort())
    answer_by_touch(page, DOSE)
    expect(page.get_by_role("heading", level=1)).to_have_text("Kept on this phone")
    page = phone.open("/course")

    page.get_by_role("button", name="Sign out").tap()
    expect(page.get_by_text("Signing out removes it from this phone for good.")).to_be_visible()
    page.get_by_role("button", name="Stay signed in").tap()
    phone.context.unroute("**/api/forms/*")
    page.get_by_role("button", name="Sign out").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")

    assert phone.arrived() == [("on_demand", None)]
    # Another tab is open here: it lets go when it is told.
    until(page, "async () => !(await caches.keys()).length && !(await indexedDB.databases()).length")
    with inside("intake", phone.place.house.folder), reading("registry") as connection:
        left = connection.execute(
            sa.select(PARTICIPANT_SESSIONS.c.kind)
            .join(ENROLMENTS, ENROLMENTS.c.id == PARTICIPANT_SESSIONS.c.enrolment)
            .where(ENROLMENTS.c.participant_code == phone.person.code, PARTICIPANT_SESSIONS.c.ended_at.is_(None))
        ).all()
    assert [one.kind for one in left] == ["session"]  # of joining, in another browser


def test_what_the_study_does_not_take_stays_on_the_phone_with_the_sentence_why(phone):
    page = phone.open("/")
    page.locator('a[href^="/diary/evening"]').tap()
    page.wait_for_selector("form[data-ready]")
    phone.context.set_offline(True)
    answer_by_touch(page, EVENING)
    expect(page.get_by_role("heading", level=1)).to_have_text("Kept on this phone")
    # The same evening from another browser, meanwhile.
    write(phone.person, "evening", {"pain_average": "3", "pain_worst": "3"})

    phone.context.set_offline(False)
    page = phone.open("/offline/today")

    expect(page.get_by_text("There is an entry for this occasion already.")).to_be_visible()
    assert phone.arrived() == [("evening", 1)]


def test_two_tabs_that_come_back_at_once_send_each_entry_once(phone):
    tabs = [phone.open("/diary/dose") for _ in range(2)]
    for tab in tabs:
        tab.wait_for_selector("form[data-ready]")
    phone.context.set_offline(True)
    for tab in tabs:
        answer_by_touch(tab, DOSE)
        expect(tab.get_by_role("heading", level=1)).to_have_text("Kept on this phone")

    phone.context.set_offline(False)
    for tab in tabs:
        until(tab, QUEUE_IS_EMPTY)

    assert phone.arrived() == [("on_demand", None)] * 2


def test_a_phone_without_room_says_so_and_loses_nothing_that_was_typed(phone):
    phone.open("/").wait_for_selector("html[data-keeps]", state="attached")
    page = phone.context.new_page()
    page.add_init_script("IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError'); };")
    phone.context.set_offline(True)
    page.goto(f"{phone.place.origin('intake')}/diary/dose")
    page.wait_for_selector("form[data-ready]")
    answer_by_touch(page, DOSE)

    expect(page.get_by_role("alert")).to_contain_text("This phone could not keep the entry")
    expect(page.locator('[name=substance][value="lsd"]')).to_be_checked()


def test_a_phone_that_may_keep_nothing_sends_as_any_page_does(phone):
    page = phone.context.new_page()
    page.add_init_script("IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError'); };")
    page.goto(f"{phone.place.origin('intake')}/diary/dose")
    page.wait_for_selector("form[data-ready]")

    answer_by_touch(page, DOSE)

    expect(page.get_by_text("It is kept")).to_be_visible()
    assert phone.arrived() == [("on_demand", None)]


def test_nothing_on_the_phone_is_readable(phone):
    page = phone.open("/")
    page.locator('a[href^="/diary/evening"]').tap()
    page.wait_for_selector("form[data-ready]")
    phone.context.set_offline(True)
    answer_by_touch(page, EVENING)
    expect(page.get_by_role("heading", level=1)).to_have_text("Kept on this phone")

    kept = page.evaluate(EVERYTHING_KEPT)

    assert len(kept["queue"]) == 1
    assert "Rain all day" not in str(kept) and "token" not in str(kept)
    assert page.evaluate("localStorage.length + sessionStorage.length") <= 1  # the name of a draft that was saved
    assert kept["extractable"] is False


QUEUE_IS_EMPTY = """async () => {
  const open = indexedDB.open("diary");
  const store = await new Promise((resolve) => { open.onsuccess = () => resolve(open.result); });
  const count = store.transaction("queue").objectStore("queue").count();
  const found = await new Promise((resolve) => { count.onsuccess = () => resolve(count.result); });
  store.close();
  return found === 0;
}"""

DRAFTS = """async () => {
  const open = indexedDB.open("diary");
  const store = await new Promise((resolve) => { open.onsuccess = () => resolve(open.result); });
  const count = store.transaction("drafts").objectStore("drafts").count();
  const found = await new Promise((resolve) => { count.onsuccess = () => resolve(count.result); });
  store.close();
  return found;
}"""

EVERYTHING_KEPT = """async () => {
  const open = indexedDB.open("diary");
  const store = await new Promise((resolve) => { open.onsuccess = () => resolve(open.result); });
  const found = {};
  for (const name of store.objectStoreNames) {
    const all = store.transaction(name).objectStore(name).getAll();
    const rows = await new Promise((resolve) => { all.onsuccess = () => resolve(all.result); });
    if (name === "keys") { found.extractable = rows[0].extractable; continue; }
    const plain = (value) => value instanceof ArrayBuffer ? new TextDecoder().decode(value) : ArrayBuffer.isView(value) ? "" : value && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)])) : value;
    found[name] = rows.map(plain);
  }
  store.close();
  return found;
}"""
