"""Find who is to be reminded now, and want a message for each place they named: once an occasion and place.

The row that says so is written in the transaction that puts the message into the outbox, and its key is unique: two
workers that look at once, or one that is started again, want one message.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from studyportal import outbox
from studyportal.custody.delivery.settings import MailSettings
from studyportal.custody.reminders.settings import PushSettings
from studyportal.database import writing
from studyportal.protocol import Protocol
from studyportal.protocol.agreeing import study_with_text
from studyportal.registry.consent_forms import form_in_force, texts_of
from studyportal.registry.consents import has_agreed_to
from studyportal.registry.countersignatures import is_waiting_for_clinic
from studyportal.registry.pauses import current_pause
from studyportal.registry.reminders import wishes_in
from studyportal.registry.reminding import (
    claim_reminders,
    forget_old,
    last_given,
    look_again,
    people_due,
    places_of,
    tell_ways,
)
from studyportal.web.answering.reminding import Planned, planned

# People in one transaction: so few that whoever sends an entry meanwhile does not wait.
AT_ONCE = 50
# At least so often each person is looked at: an amended study may have something new for them.
AT_LEAST_EVERY = timedelta(hours=6)

Ways = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Study:
    """The study, and which of its consent forms must be signed before somebody's diary goes on; None if no form
    must."""

    protocol: Protocol
    pausing_form: str | None


def working_ways(mail: MailSettings | None, push: PushSettings | None) -> Ways:
    """The ways that custody's settings make possible, as the registry keeps them."""
    known: dict[str, Mapping[str, str]] = {}
    if mail is not None:
        known["mail"] = {}
    if push is not None:
        known["push"] = {"public_key": push.public_key, "services": " ".join(push.services)}
    return known


def look_for_due(protocol: Protocol, ways: Ways, *, now: datetime) -> int:
    """Put the reminders that are due into the outbox; how many. `ways` are those that work: others want nothing."""
    with writing("registry") as connection:
        tell_ways(connection, ways, now=now)
        forget_old(connection, now=now)
    wanted = 0
    while True:
        with writing("registry") as connection:
            study = Study(protocol, _pausing_form(connection, protocol))
            people = people_due(connection, required_scopes=protocol.consent.required, now=now, limit=AT_ONCE)
            wanted += _want(connection, study, people, ways, now)
        if len(people) < AT_ONCE:
            return wanted


def _want(connection: sa.Connection, study: Study, people: Sequence[sa.Row], ways: Ways, now: datetime) -> int:
    ids = [row.enrolment for row in people]
    places, given = places_of(connection, ids), last_given(connection, ids)
    claims: list[Mapping[str, Any]] = []
    again: dict[UUID, datetime] = {}
    for row in people:
        pause = current_pause(connection, row.enrolment, now=now)
        plan = _plan(study, row, given.get(row.enrolment, {}), now)
        if pause is not None or _waits(connection, study, row.enrolment):
            plan = ()
        due = [one for one in plan if one.at is not None and one.at <= now]
        for place in places.get(row.enrolment, ()):
            if due and place.way in ways:
                claims += _claims(place, due, now)
        later = [one.at for one in plan if one.at is not None and one.at > now]
        if pause is not None and pause.until is not None:
            later.append(pause.until)
        again[row.enrolment] = min([now + AT_LEAST_EVERY, *later])
    fresh = claim_reminders(connection, claims)
    look_again(connection, again)
    return outbox.put_all(
        connection, "registry", "reminder", {str(message): {"message": str(message)} for message in fresh}, now=now
    )


def _plan(study: Study, row: sa.Row, given: Mapping[str, int], now: datetime) -> Sequence[Planned]:
    return planned(study.protocol, wishes_in(row), start=row.started_on, zone=row.zone, now=now, reached=given)


def _claims(place: sa.Row, due: Sequence[Planned], now: datetime) -> Sequence[Mapping[str, Any]]:
    """One message at one place for all that is due."""
    common = {"enrolment": place.enrolment, "way": place.way, "mark": place.mark, "message": uuid4(), "wanted_at": now}
    return [
        common | {"schedule": one.instrument.name, "occasion": one.occasion.number, "until": one.occasion.closes}
        for one in due
    ]


def _pausing_form(connection: sa.Connection, protocol: Protocol) -> str | None:
    form = form_in_force(connection)
    study = study_with_text([protocol], texts_of(form)) if form is not None else None
    return form.version if form is not None and study is not None and study.consent.until_signed == "pause" else None


def _waits(connection: sa.Connection, study: Study, enrolment: UUID) -> bool:
    """Whether nothing is taken from somebody, because their own signature or the clinic's is missing."""
    if study.pausing_form is not None and not has_agreed_to(connection, enrolment, study.pausing_form):
        return True
    pauses = study.protocol.consent.until_countersigned == "pause"
    return pauses and is_waiting_for_clinic(connection, enrolment)
