"""Gather what somebody sees of their own reminders. Their mail address is opened with their own key, for one page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal.database import reading
from studyportal.errors import CannotOpen
from studyportal.intake.course.opening import own_key
from studyportal.intake.enrolment.sessions import Caller
from studyportal.protocol import Instrument, Protocol
from studyportal.registry.contexts import reminder_context
from studyportal.registry.entries import occasions_given
from studyportal.registry.reminder_seals import read_whereto
from studyportal.registry.reminders import contacts_of, feed_of, last_outcomes, wishes_in, wishes_of, working_ways
from studyportal.web.answering.reminding import Planned, Wishes, planned

Outcomes = Mapping[tuple[str, bytes], sa.Row]


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is reminded. `address` is their mail address; "" if it is a browser, None if it does not open.
    `last` is how the last reminder ended, or None.
    """

    id: UUID
    way: str
    mark: str
    made_at: datetime
    address: str | None = field(repr=False)
    last: sa.Row | None


@dataclass(frozen=True, slots=True)
class OwnReminders:
    """Everything about one person's reminders. `lost` are browsers that are not there any more; `never` is what quiet
    hours leave no time for.
    """

    places: Sequence[Place]
    lost: Sequence[sa.Row]
    ways: Mapping[str, sa.Row]
    feed: sa.Row | None
    wishes: Wishes
    coming: Sequence[Planned]
    never: Sequence[Instrument]

    @property
    def is_on(self) -> bool:
        """Whether anything reminds them."""
        return bool(self.places) or self.feed is not None

    def by(self, way: str) -> Sequence[Place]:
        """The places of one way."""
        return [one for one in self.places if one.way == way]


def own_reminders(found: Caller, token: str, *, protocol: Protocol, is_asked: bool, now: datetime) -> OwnReminders:
    """What somebody sees. Raises `Gone` when there is a mail address and the keys are destroyed."""
    enrolment, enrolled = found.enrolment, found.enrolled
    with reading("registry", enrolment=enrolment) as connection:
        rows, kept = contacts_of(connection, enrolment), wishes_of(connection, enrolment)
        ways, feed = working_ways(connection), feed_of(connection, enrolment)
        outcomes = {(row.way, row.mark): row for row in last_outcomes(connection, enrolment)}
        reached: dict[str, int] = {}
        for name, number in occasions_given(connection, enrolment):
            reached[name] = max(number, reached.get(name, 0))
    wishes, start = wishes_in(kept) if kept else Wishes(), enrolled.started_on
    plan: Sequence[Planned] = ()
    if start is not None and not enrolled.has_stopped and is_asked:
        plan = planned(protocol, wishes, start=start, zone=enrolled.zone, now=now, reached=reached)
    told = {one.instrument.name for one in plan if one.at}
    return OwnReminders(
        places=_opened(rows, outcomes, found, token, protocol.study.code),
        lost=[
            row
            for (way, mark), row in outcomes.items()
            if row.outcome == "gone" and (way, mark) not in {(one.way, one.mark) for one in rows}
        ],
        ways=ways,
        feed=feed,
        wishes=wishes,
        coming=sorted((one for one in plan if one.at and one.at > now), key=lambda one: one.at or now),
        never=list({one.instrument.name: one.instrument for one in plan if one.instrument.name not in told}.values()),
    )


def _opened(rows: Sequence[sa.Row], outcomes: Outcomes, found: Caller, token: str, study: str) -> Sequence[Place]:
    key = own_key(found, token, study=study, domain="contact") if any(row.way == "mail" for row in rows) else None
    places = []
    for row in rows:
        address: str | None = ""
        if row.way == "mail" and key is not None:
            about = reminder_context(study, found.enrolment, row.id, row.way)
            try:
                address = read_whereto(key.unseal(row.sealed, about=about)).address
            except CannotOpen:
                address = None
        last = outcomes.get((row.way, row.mark))
        # What ended before this address was kept went to another one.
        is_its_own = last is not None and last.ended_at >= row.made_at
        places.append(Place(row.id, row.way, row.mark.hex(), row.made_at, address, last if is_its_own else None))
    return places
