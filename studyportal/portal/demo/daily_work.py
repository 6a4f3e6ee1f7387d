"""Let a day's work lie about in the rooms: an open link and those who looked at it, messages, a diary told on the
phone, a report that is asked for. All through the actions that the pages call.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from studyportal.audit import Actor
from studyportal.clinic.enrolment.actions import open_campaign
from studyportal.clinic.messages import actions as clinic_messages
from studyportal.clinic.writing.actions import Writer, write
from studyportal.clinic.writing.offered import Offer, offers
from studyportal.database import reading, writing
from studyportal.intake.messages import actions as own_messages
from studyportal.protocol import Protocol
from studyportal.registry.adherence import participant_of_site
from studyportal.registry.entries import occasions_given
from studyportal.registry.screening import count_event
from studyportal.research.cohorts.criteria import Criteria
from studyportal.research.reports.actions import Wish, ask_report
from studyportal.sealing.signatures import BLIND_SIZE
from studyportal.web.answering.sent import Sent
from studyportal.workbench.grants import grants_of, opened

SITE, COORDINATOR, CLINICIAN, RESEARCHER = "NS", "Nora Coordinator", "Clive Clinician", "Rosa Researcher"
ASKED = "My appointment is on Thursday. Shall I bring the list of my medicines?"
ANSWERED = "Yes please, and the letter from your family doctor if you have it. We look at both together."
WAITING = "I was away without my phone from Friday to Monday. Can I still tell you how those days were?"
EVENING = {"pain_average": "6", "pain_worst": "7", "mood": "5", "flare": "no"}
DIAGNOSIS = {"diagnosis": "fibromyalgia", "confirmed_by": "specialist"}
# Each of the last weeks: who looked at the page, began the questions, and could not take part.
LOOKED = ((14, 9, 1), (11, 8, 0), (17, 12, 2), (9, 7, 0))


def work_in_the_clinic(people: Sequence[UUID], accounts: dict[str, UUID], *, protocol: Protocol, now: datetime) -> None:
    """What the first site did lately with `people`, who take part and can be anybody's."""
    _let_people_look(protocol, now=now)
    ends_at, coordinator = now + timedelta(days=60), Actor("clinic", "coordinator", str(accounts[COORDINATOR]))
    name, token = "Leaflet in the waiting room", secrets.token_urlsafe(16)
    open_campaign(
        uuid4(), token, site=SITE, name=name, cap=40, ends_at=ends_at, actor=coordinator, now=now - timedelta(days=9)
    )
    ours = [one for one in people if _row(one, protocol) is not None]
    if len(ours) > 1:
        _let_them_write(ours[0], ours[1], accounts[COORDINATOR], coordinator, study=protocol.study.code, now=now)
    account = accounts[CLINICIAN]
    writer = Writer(account, CLINICIAN, "clinician", SITE, Actor("clinic", "clinician", str(account)))
    for name, by, answers in (("evening", "participant", EVENING), ("diagnosis_confirmed", "clinician", DIAGNOSIS)):
        _write_first(ours, name, by, answers, writer, protocol=protocol, now=now)


def ask_for_a_report(account: UUID, *, snapshot: int, now: datetime) -> None:
    """Everybody, for the researcher's first project; the room's worker makes it as soon as it runs."""
    with reading("workbench") as connection:
        grant = next(found for row in reversed(grants_of(connection, account)) if (found := opened(row)).covers_records)
    actor = Actor("research", "researcher", str(account))
    wish = Wish("Everybody who shares", snapshot, Criteria().canonical, "A4")
    ask_report(uuid4(), wish, project=grant.project, account=account, still=lambda _: None, actor=actor, now=now)


def _let_people_look(protocol: Protocol, *, now: datetime) -> None:
    reason = next((one.name for one in protocol.ineligibility), None)
    with writing("registry", site=SITE) as connection:
        for ago, counts in enumerate(LOOKED):
            for what, count in zip(("looked", "screened", "not_eligible"), counts, strict=True):
                reasons = [reason] if reason and what == "not_eligible" else []
                for _ in range(count):
                    count_event(connection, what, site=SITE, now=now - timedelta(weeks=ago), reasons=reasons)


def _let_them_write(one: UUID, other: UUID, account: UUID, actor: Actor, *, study: str, now: datetime) -> None:
    question = uuid4()
    own_messages.send(question, one, ASKED, study=study, now=now - timedelta(days=1, hours=4))
    clinic_messages.mark_seen(one, [question], site=SITE, actor=actor, now=now - timedelta(days=1, hours=2))
    about = {"site": SITE, "account": account, "name": COORDINATOR, "study": study, "actor": actor}
    clinic_messages.send(uuid4(), one, ANSWERED, now=now - timedelta(days=1, hours=1), **about)
    own_messages.send(uuid4(), other, WAITING, study=study, now=now - timedelta(hours=3))


def _row(enrolment: UUID, protocol: Protocol):  # type: ignore[no-untyped-def]
    with reading("registry", site=SITE) as connection:
        return participant_of_site(connection, SITE, enrolment, required_scopes=protocol.consent.required)


def _write_first(
    people: Sequence[UUID],
    name: str,
    by: str,
    answers: dict[str, str],
    writer: Writer,
    *,
    protocol: Protocol,
    now: datetime,
) -> None:
    """Write a form for the first of these people for whom it is open now; at some hours it is for nobody."""
    for one in people:
        row = _row(one, protocol)
        with reading("registry", site=SITE) as connection:
            given = occasions_given(connection, one)
        known = offers(protocol, given, by=by, start=row.started_on, zone=row.zone, now=now)
        offer: Offer | None = next((found for found in known if found.instrument.name == name and found.is_open), None)
        if offer is not None:
            sent, blind = Sent(answers, {}), secrets.token_bytes(BLIND_SIZE)
            write(
                uuid4(),
                row,
                offer.instrument,
                sent,
                number=offer.number,
                blind=blind,
                protocol=protocol,
                writer=writer,
                now=now,
            )
            return
