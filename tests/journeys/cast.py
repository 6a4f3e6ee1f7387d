"""The people of a journey: a participant at her browser, and enough others that nobody stands alone in a table."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import UUID, uuid4

from studyportal.audit import Actor
from studyportal.custody.publishing.cadence import EXCEPTIONS
from studyportal.database import reading
from studyportal.intake.consent.actions import record_imported_consent
from studyportal.intake.diary.submission import submit
from studyportal.intake.enrolment.actions import enrol_without_passphrase
from studyportal.intake.enrolment.sessions import Enrolled
from studyportal.portal.inside import inside
from studyportal.protocol.document import Scope
from studyportal.registry.enrolments import public_key
from studyportal.sealing.signatures import Signer
from studyportal.web.answering.times import Times
from tests.journeys.house import Browser, House, lines, readable
from tests.protocol.documents import understood

PURPOSE = "Whether average pain changes over the first weeks of a diary, described by week."
SCREENING = {
    "adult": "yes",
    "pregnancy": "no",
    "psychosis": "none",
    "risk_medicines": "tramadol",
    "heart_valve": "no",
    "suicidal_thoughts": "no",
}
BASELINE = {
    "diagnosis": "fibromyalgia",
    "pain_years": "7",
    "age": "44",
    "gender": "woman",
    "pain_usual": "6",
}


def evening_zone(now: datetime) -> str:
    """A zone in which it is about 20:00, so that the evening diary is open whenever the tests run."""
    ahead = (20 - now.hour + 12) % 24 - 12
    zones = {
        -12: "Pacific/Kwajalein", -11: "Pacific/Pago_Pago", -10: "Pacific/Honolulu", -9: "Pacific/Gambier",
        -8: "Pacific/Pitcairn", -7: "America/Phoenix", -6: "America/Costa_Rica", -5: "America/Lima",
        -4: "America/Puerto_Rico", -3: "America/Sao_Paulo", -2: "America/Noronha", -1: "Atlantic/Cape_Verde",
        0: "Africa/Abidjan", 1: "Africa/Lagos", 2: "Africa/Johannesburg", 3: "Asia/Riyadh", 4: "Asia/Dubai",
        5: "Asia/Karachi", 6: "Asia/Dhaka", 7: "Asia/Bangkok", 8: "Asia/Singapore", 9: "Asia/Tokyo",
        10: "Australia/Brisbane", 11: "Pacific/Guadalcanal", 12: "Pacific/Tarawa",
    }  # fmt: skip
    return zones[ahead if ahead != -12 else 12]


@dataclass
class Participant:
    """Somebody who has joined: what she wrote down, and her browser."""

    browser: Browser
    code: str
    passphrase: str
    zone: str

    def sign_in(self, browser: Browser) -> Browser:
        browser.get("/sign-in")
        browser.post("/sign-in", code=self.code, passphrase=self.passphrase)
        return browser


def join(
    house: House,
    *,
    site: str = "NS",
    sharing: str = "yes",
    screening: Mapping[str, object] | None = None,
    name: str | None = None,
) -> Participant:
    """Join as a person does: code, first questions if there are any, sheet, consent, signature, with a name if one is
    asked."""
    (code,) = lines(house.run("custody", "codes", site))
    browser, zone = house.browser("intake"), evening_zone(datetime.now(UTC))
    browser.get("/join")
    browser.post("/join", status=200, code=code)
    if house.protocol.screening is not None:
        browser.post("/join/screening", status=200, **(screening or SCREENING))
    participant_code = re.search(r'id="participant-code">([^<]+)<', browser.page)
    words = re.search(r'id="words">(.*?)</ol>', browser.page, re.DOTALL)
    assert participant_code and words
    passphrase = " ".join(unescape(word) for word in re.findall(r"<li>([^<]+)</li>", words[1]))
    browser.post("/join/consent", status=200)
    browser.follow(
        browser.post(
            "/join/sign",
            zone=zone,
            passphrase=passphrase,
            **({} if name is None else {"name": name}),
            **understood(house.protocol.consent),
            **{f"scope__{scope.name}": _agrees(scope, sharing) for scope in house.protocol.consent.scopes.values()},
        )
    )
    return Participant(browser, participant_code[1], passphrase, zone)


def _agrees(scope: Scope, sharing: str) -> str:
    return "yes" if scope.required else sharing if scope.shares else "no"


Entries = Mapping[str, tuple[Mapping[str, object], int]]  # instrument -> answers, occasion


def in_pain(pain: int, **baseline: str) -> Entries:
    """What somebody of the shipped study gives: the questions at the start, some otherwise, and an evening of this
    pain."""
    return {"baseline": (BASELINE | baseline, 1), "evening": ({"pain_average": pain}, 2)}


def others(house: House, count: int, entries: Entries, *, site: str = "NS") -> list[UUID]:
    """So many people who share and give the same entries."""
    zone, now = evening_zone(datetime.now(UTC)), datetime.now(UTC)
    actor, protocol, found = Actor("intake", "command", "test"), house.protocol, []
    with inside("intake", house.folder) as settings:
        for _ in range(count):
            enrolment = enrol_without_passphrase(
                site,
                source="synthetic",
                zone=zone,
                started_on=now.date() - timedelta(days=20),
                study=protocol.study.code,
                custody_public_key=settings.custody_public,
                actor=actor,
                now=now,
            )
            record_imported_consent(
                enrolment, protocol.consent, ["study", "sharing"], agreed_at=now, zone=zone, source="synthetic",
                actor=actor, now=now,
            )  # fmt: skip
            with reading("registry", enrolment=enrolment) as connection:
                key = public_key(connection, enrolment, "diary")
            enrolled = Enrolled(enrolment, zone, now.date() - timedelta(days=20), key.raw, has_stopped=False)
            for name, (answers, occasion) in entries.items():
                submit(
                    uuid4(), enrolled, name, answers, occasion=occasion, times=Times(zone),
                    blind=secrets.token_bytes(32), protocol=protocol, signer=Signer(settings.receipt_seed),
                    source="synthetic", check_times=False, actor=actor, now=now,
                )  # fmt: skip
            found.append(enrolment)
    return found


def write(participant, name: str, answers: dict[str, str]) -> str:
    """Find the form on Today, fill it in, send it; the id of the entry."""
    browser = participant.browser
    browser.get("/")
    link = re.search(rf'href="(/diary/{name}(?:/\d+)?)"', browser.page)
    assert link, readable(browser.page)
    browser.get(link[1])
    kept = browser.post(link[1], **answers)
    browser.follow(kept)
    return kept.headers["Location"].rsplit("/", 1)[1]


PLAN = "Weekly means of average pain with intervals, for everybody and by diagnosis."


def approve(researcher: Browser, custodian: Browser, *, level: str = "records") -> str:
    """The researcher asks for access to everything, the custodian approves on her page, the researcher signs the
    agreement; the project's name."""
    project = grant(researcher, custodian, level=level)
    sign_agreement(researcher, project)
    return project


def grant(researcher: Browser, custodian: Browser, *, level: str = "records") -> str:
    """The same without the signature."""
    researcher.get("/ask")
    items = re.findall(r'name="items" id="[^"]+" value="([^"]+)"', researcher.page)
    until = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
    about = {"title": "Pain by week", "purpose": PURPOSE, "plan": PLAN, "ethics_reference": "EK 12/2026"}
    researcher.post("/ask", **about, items=items, level=level, wanted_until=until)
    custodian.get("/requests/")
    request = re.search(r'href="(/requests/[0-9a-f-]{36})"', custodian.page)
    assert request
    custodian.get(request[1])
    custodian.post(f"{request[1]}/terms", status=200, items=items, level=level, expires_on=until)
    custodian.post(f"{request[1]}/approve", word="APPROVE")
    researcher.get("/")
    project = re.search(r'href="/agreements/([^/"]+)/"', researcher.page)
    assert project, readable(researcher.page)
    return project[1]


def sign_agreement(researcher: Browser, project: str) -> None:
    """Sign with the name that the page shows."""
    researcher.get(f"/agreements/{project}/")
    name = re.search(r"signed in as <b>([^<]+)</b>", researcher.page)
    assert name, readable(researcher.page)
    researcher.post(f"/agreements/{project}/", read="y", signed_name=unescape(name[1]))


def publish(house: House) -> None:
    house.work()
    house.run("custody", "compact")
    house.run("custody", "publish", *_exception(house))


def _exception(house: House) -> list[str]:
    """Tests do not wait a month between snapshots; the exception is recorded like any other."""
    return ["--exception", min(EXCEPTIONS)] if any((house.folder / "shelf").glob("0*")) else []
