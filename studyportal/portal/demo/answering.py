"""Give a clinic alerts in every state of their course. Made up like all the rest: synthetic entries raise none."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

import sqlalchemy as sa

from studyportal.audit import Actor
from studyportal.clinic.alerts import actions
from studyportal.clinic.alerts.actions import By
from studyportal.database import reading, writing
from studyportal.protocol import Protocol
from studyportal.protocol.alerts import write_raised
from studyportal.registry.alert_tables import ERASED_ALERTS
from studyportal.registry.alerts import raise_alert
from studyportal.registry.contexts import alert_context
from studyportal.registry.enrolments import public_key
from studyportal.registry.tables import ENROLMENTS, SEALED_ENTRIES, WITHDRAWALS
from studyportal.sealing import seal
from studyportal.sealing.padding import pad

SITE = "NS"
FIRST, SECOND = "Clive Clinician", "Cora Clinician"


class Story(NamedTuple):
    """An alert of the study, raised on the latest entry of an instrument, so many minutes ago, and how far it got."""

    name: str
    instrument: str
    minutes: int
    until: str
    source: str = "entry"


STORIES = (
    Story("thoughts_of_death", "monthly", 24, "waits"),
    Story("worse_than_usual", "evening", 5 * 60, "waits", "history"),
    Story("very_low_mood", "evening", 26 * 60, "waits"),
    Story("severe_pain", "evening", 20 * 60, "noted"),
    Story("severe_pain", "evening", 30 * 60, "handed over"),
    Story("weekly_mood", "weekly", 70 * 60, "closed"),
)


def answer_alerts(accounts: dict[str, UUID], *, protocol: Protocol, now: datetime) -> int:
    """Raise them and take each as far as its story goes; how many. A small demonstration has room for fewer."""
    taken: set[UUID] = set()
    for story in STORIES:
        found = _entry_for(story, taken)
        if found is not None:
            taken.add(found.enrolment)
            _play(story, found, accounts, protocol, now)
    _let_one_be_erased(accounts[FIRST], now=now)
    return len(taken)


def _entry_for(story: Story, taken: set[UUID]) -> sa.Row | None:
    """The latest entry of this instrument by somebody of the site who has not been told of yet."""
    entries, people = SEALED_ENTRIES.c, ENROLMENTS.c
    gone = sa.select(WITHDRAWALS.c.enrolment)
    query = (
        sa.select(entries.id, entries.enrolment)
        .join(ENROLMENTS, people.id == entries.enrolment)
        .where(entries.schedule == story.instrument, people.site == SITE, people.id.not_in(gone))
    )
    with reading("registry") as connection:
        rows = connection.execute(query.order_by(entries.received_at.desc(), entries.id).limit(200)).all()
    return next((row for row in rows if row.enrolment not in taken), None)


def _play(story: Story, entry: sa.Row, accounts: dict[str, UUID], protocol: Protocol, now: datetime) -> None:
    alert, raised_at = uuid4(), now - timedelta(minutes=story.minutes)
    with writing("registry", enrolment=entry.enrolment) as connection:
        key = public_key(connection, entry.enrolment, "diary")
        assert key is not None
        sealed = seal(
            write_raised(protocol, [story.name]),
            to=key,
            about=alert_context(protocol.study.code, entry.enrolment, alert),
            size=len(pad(write_raised(protocol, list(protocol.alerts)), size=None)),
        )
        row = {"id": alert, "enrolment": entry.enrolment, "entry": entry.id, "source": story.source}
        row |= {"level": protocol.alerts[story.name].level, "raised_at": raised_at, "sealed": sealed}
        raise_alert(connection, row)
    if story.until == "waits":
        return

    def by(name: str, minutes: int) -> By:
        account, at = accounts[name], raised_at + timedelta(minutes=minutes)
        actor = Actor("clinic", "clinician", str(account))
        return By(site=SITE, study=protocol.study.code, account=account, actor=actor, now=at)

    actions.acknowledge(alert, by(FIRST, 35))
    actions.act(alert, "called_reached", by(FIRST, 50), note="Slept badly, is with a friend. We talk again.", seen=1)
    if story.until == "handed over":
        actions.hand_over(alert, accounts[SECOND], by(FIRST, 90), note="", seen=2)
    if story.until == "closed":
        actions.close(alert, "settled", by(FIRST, 26 * 60), note="", seen=2)


def _let_one_be_erased(holder: UUID, *, now: datetime) -> None:
    """The line that stays when somebody who has left had everything erased while an alert ran."""
    people, asked = ENROLMENTS.c, WITHDRAWALS.c
    query = sa.select(people.id).join(WITHDRAWALS, asked.enrolment == people.id)
    with writing("registry") as connection:
        gone = connection.scalar(query.where(people.site == SITE, asked.strength == "erase").limit(1))
        if gone is not None:
            left = {"id": uuid4(), "enrolment": gone, "erased_at": now - timedelta(hours=3), "holder": holder}
            connection.execute(sa.insert(ERASED_ALERTS), left)
