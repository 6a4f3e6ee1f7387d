"""Have one participant's course opened and lay it out: for the page, its picture, and the visit report. Nothing is
kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from studyportal import clock
from studyportal.clinic.alerts.course import TOLD, UNKNOWN
from studyportal.clinic.alerts.page import staff_names
from studyportal.clinic.desk import the_desk
from studyportal.clinic.own_site import own_site
from studyportal.clinic.timeline.since import Since, since_of
from studyportal.clinic.timeline.whole import Done, Timeline, timeline_of
from studyportal.clinic.visits.running import visit_of
from studyportal.database import reading
from studyportal.desk import Pass
from studyportal.errors import NotFound
from studyportal.protocol import local_date
from studyportal.protocol.schedules import Pause
from studyportal.registry.adherence import participant_of_site, site_name
from studyportal.registry.desk import alerts_of, came_since, done_about, last_visit
from studyportal.registry.entries import occasions_given
from studyportal.registry.pauses import pauses_of
from studyportal.web.access import signed_in
from studyportal.web.course.spans import opened_from, span_of
from studyportal.web.here import here


@dataclass(frozen=True, slots=True)
class Opened:
    """The participant's row, their course over a span, the pass under which it was opened, when, the name of the site,
    what is new since the caller's last visit, before today (None on their first), and when they had paused."""

    row: Any
    timeline: Timeline = field(repr=False)
    pass_: Pass
    at: datetime
    site: str
    since: Since | None = None
    pauses: Sequence[Pause] = ()


def opened(id: UUID, span: str) -> Opened:
    """A participant of the own site over a span of `SPANS`. Without a visit the way leads to the page that asks what
    for; raises `NotFound`, and what the desk refuses."""
    protocol, site, now, caller = here().protocol, own_site(), clock.now(), signed_in()
    with reading("registry", site=site) as connection:
        row = participant_of_site(connection, site, id, required_scopes=protocol.consent.required)
        if row is None:
            raise NotFound("There is no such participant.")
        pauses = pauses_of(connection, id)
        came, alerts, called = occasions_given(connection, id), alerts_of(connection, id), site_name(connection, site)
        done = _told(done_about(connection, id), staff_names(connection)) if alerts else {}
        before = last_visit(connection, account=caller.id, enrolment=id, before=_midnight(now, row.zone))  # type: ignore[arg-type]
        new = came_since(connection, id, before.begun_at) if before else 0
    pass_ = visit_of(id)
    asked = span_of(span, started_on=row.started_on, today=local_date(now, row.zone))
    course = the_desk().course(pass_, id, since=opened_from(asked))
    shown = timeline_of(
        course,
        alerts,
        came,
        done,
        protocol=protocol,
        started_on=row.started_on,
        zone=row.zone,
        span=asked,
        now=now,
        pauses=pauses,
    )
    since = since_of(before, shown.lines, shown.states, alerts, new, zone=row.zone) if before else None
    return Opened(row, shown, pass_, now, called, since, pauses)


def _midnight(now: datetime, zone: str) -> datetime:
    """The beginning of their day: one sitting may be several visits."""
    return now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)


def _told(done: Mapping[UUID, Sequence[Any]], names: Mapping[UUID, str]) -> Mapping[UUID, Sequence[Done]]:
    return {
        alert: [Done(one.at, TOLD[one.what](one, names), names.get(one.account, UNKNOWN)) for one in events]
        for alert, events in done.items()
    }
