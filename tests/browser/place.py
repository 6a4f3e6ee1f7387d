"""A small study whose rooms run as the processes that they are, with somebody of every role in it."""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page

from studyportal.custody.reminders.looking import look_for_due
from studyportal.portal.inside import inside
from studyportal.portal.rooms import ROOMS
from studyportal.sealing.push import new_push_key, push_public
from studyportal.web.here import here
from tests.intake.every_kind import DOCUMENT
from tests.journeys.cast import BASELINE, PURPOSE, approve, in_pain, join, others, publish, write
from tests.journeys.consenting import amended, in_force, proposed
from tests.journeys.house import Browser, House, lines
from tests.portal.processes import desk_running, free_port, running

EVENING = {
    "pain_average": "9",  # which raises an alert, so that its pages are seen with one
    "pain_worst": "8",
    "mood": "4",
    "hours_slept": "6.5",
    "flare": "no",
    "note": "Rain all day.",
}


# By which ways custody's worker could remind somebody, if it ran here.
WAYS = {"mail": {}, "push": {"public_key": push_public(new_push_key()), "services": "push.example.org"}}


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in: at which room, and what they type there."""

    room: str
    words: Mapping[str, str]

    @property
    def is_staff(self) -> bool:
        """Whether a second page asks them for a code."""
        return self.room != "intake"


@dataclass(frozen=True)
class Place:
    """The rooms' addresses, and the people by role. "erased" is a participant whose answers are gone."""

    house: House
    people: Mapping[str, Person]
    link: str  # the secret of an open link

    def origin(self, room: str) -> str:
        return here(self.house.rooms[room]).settings.origin

    def sign_in(self, page: Page, role: str) -> None:
        """Type what somebody of this role types, to the first page behind the sign-in."""
        person = self.people[role]
        page.goto(f"{self.origin(person.room)}/sign-in")
        for name, words in person.words.items():
            page.fill(f"main [name={name}]", words)
        page.click("main button[type=submit]")
        if person.is_staff:
            page.fill("main [name=code]", self.house.factors[person.words["name"]].next_code())
            page.click("main button[type=submit]")
        # Not closed by anybody: Chromium can forget to close a page whose navigation is just arriving.
        page.wait_for_url(lambda url: "/sign-in" not in url)

    def new_code(self) -> str:
        """A fresh enrolment code of the site."""
        (code,) = lines(self.house.run("custody", "codes", "NS"))
        return code


@dataclass(frozen=True)
class Everything:
    """The study with every kind of question, in two languages, served."""

    house: House
    origin: str


@contextmanager
def everything_served(folder: Path) -> Iterator[Everything]:
    """Make that study and start its intake room, stop it afterwards."""
    house, port = House(folder, document=DOCUMENT), free_port()
    house.run("site", "add", "NS", "Northside")
    assert house.rooms  # they are made before the file tells another port
    _move(folder / "intake.toml", ROOMS["intake"].port, port)
    with running("intake", folder, port=port):
        yield Everything(house, f"http://localhost:{port}")
    house.close()


@contextmanager
def served(folder: Path) -> Iterator[Place]:
    """Make the study, start its rooms on free ports, stop them afterwards."""
    house = House(folder)
    ports = {room: free_port() for room in ROOMS}
    for room, port in ports.items():
        _move(folder / f"{room}.toml", ROOMS[room].port, port)
    place = Place(house, *_people(house))
    with ExitStack() as rooms:
        for room, port in ports.items():
            rooms.enter_context(running(room, folder, port=port))
        rooms.enter_context(desk_running(folder))
        yield place
    house.close()


def _move(file: Path, old: int, new: int) -> None:
    text = file.read_text(encoding="utf-8")
    for line in ("port = {}\n", "localhost:{}"):
        assert line.format(old) in text
        text = text.replace(line.format(old), line.format(new))
    file.write_text(text, encoding="utf-8")


def _people(house: House) -> tuple[Mapping[str, Person], str]:
    """Everybody, and an open link; what they did before the tests begin, so that every page has something on it."""
    house.run("site", "add", "NS", "Northside")
    others(house, 44, in_pain(3))
    # A criterion needs two answers that 20 people are shown to have given, however the numbers are blurred.
    house.run("site", "add", "EA", "Eastside")
    others(house, 45, in_pain(3, diagnosis="migraine"), site="EA")
    participants = {}
    for role in ("participant", "erased"):
        her = join(house)
        participants[role] = Person("intake", {"code": her.code, "passphrase": her.passphrase})
        write(her, "baseline", BASELINE)
        write(her, "evening", EVENING)
        with inside("custody", house.folder):
            look_for_due(house.protocol, WAYS, now=datetime.now(UTC))
        her.browser.get("/reminders")
        her.browser.post("/reminders/address", address=f"{role}@home.example")
        her.browser.get("/messages/")
        her.browser.post("/messages/", text="Can I write when I was away?")
    her.browser.get("/leave/study/erase")
    her.browser.post("/leave/study/erase", word="ERASE", alert="hand_over")
    staff = {
        role: Person(room, {"name": name, "passphrase": house.account(name, role, *more)})
        for role, room, name, *more in (
            ("clinician", "clinic", "Nurse Abe", "--site", "NS"),
            ("coordinator", "clinic", "Bo Lund", "--site", "NS"),
            ("custodian", "custody", "Kim"),
            ("auditor", "custody", "Ada"),
            ("administrator", "custody", "Mira"),
            ("researcher", "research", "Dr. Rao"),
        )
    }
    researcher, custodian = (
        house.signed_in(staff[role].room, **staff[role].words) for role in ("researcher", "custodian")
    )
    project = approve(researcher, custodian)
    publish(house)
    _use(researcher, f"/projects/{project}")
    link = _help(house.signed_in("clinic", **staff["coordinator"].words), join(house).code)
    _two_new_forms(house, "Kim")
    return participants | staff, link


def _two_new_forms(house: House, custodian: str) -> None:
    """A version of the consent form that nobody has signed yet, and another one that waits for a second person."""
    house.account("Lin", "custodian")
    amended(house, version="1.1", form="3")
    in_force(house, by=("Lin", custodian))
    amended(house, version="1.2", form="4")
    proposed(house, "Lin")


def _help(coordinator: Browser, code: str) -> str:
    """A link by which several can join (its secret), and a request for new words for the participant of this code."""
    coordinator.get("/enrolment/links")
    until = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
    coordinator.post("/enrolment/links", status=200, name="Poster in the waiting room", cap="20", ends_on=until)
    link = re.search(r"/join/c/([\w-]+)", coordinator.page)
    coordinator.get("/participants/")
    somebody = re.search(rf'href="/participants/([0-9a-f-]{{36}})"[^>]*>{code}<', coordinator.page)
    assert somebody and link
    coordinator.get(f"/resets/new/{somebody[1]}")
    coordinator.post(f"/resets/new/{somebody[1]}", check="known")
    return link[1]


def _use(researcher: Browser, project: str) -> None:
    """A saved cohort, a report, a release, a review of the ledger and another request that wait."""
    researcher.get(f"{project}/cohort?baseline.diagnosis=fibromyalgia")
    researcher.post(f"{project}/cohort?baseline.diagnosis=fibromyalgia", name="Fibromyalgia")
    researcher.get(f"{project}/cohort?show=baseline.diagnosis")
    researcher.post(f"{project}/cohort?show=baseline.diagnosis", name="Everybody")
    researcher.get(f"{project}/cohort?baseline.diagnosis=fibromyalgia")
    researcher.post(f"{project}/reports?baseline.diagnosis=fibromyalgia", size="A4")
    researcher.get(f"{project}/releases/new")
    researcher.post(f"{project}/releases/new", item=["baseline__diagnosis", "evening__pain_average"])
    _ask_reviews(researcher, project)
    researcher.get("/ask")
    asked = {"items": ["evening.hours_slept"], "level": "aggregates", "wanted_until": "2027-06-30"}
    researcher.post("/ask", title="Sleep", purpose=PURPOSE, plan=PURPOSE, ethics_reference="EK 13/2026", **asked)


def _ask_reviews(researcher: Browser, project: str) -> None:
    """More than is left in the ledger, asked of the custodian: once and taken back, and another that waits."""
    beyond = "baseline.diagnosis=fibromyalgia&show=missing:evening&show=change:evening.pain_average"
    for more in ("", "&show=responders:evening.function"):
        researcher.get(f"{project}/reviews/ask?{beyond}{more}")
        researcher.post(f"{project}/reviews/ask?{beyond}{more}", reason="These are the outcomes that we registered.")
        if not more:
            researcher.get(f"{project}/reviews")
            asked = re.search(r"/reviews/[0-9a-f-]{36}", researcher.page)
            assert asked
            researcher.get(f"{project}{asked[0]}")
            researcher.post(f"{project}{asked[0]}/withdraw")
