"""The timeline of one participant of the own site. Nothing of it is kept, and nothing opens without a visit."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request

from studyportal import clock
from studyportal.charts import svg
from studyportal.clinic.adherence.calendar import STATES
from studyportal.clinic.alerts.waiting import LOOKS
from studyportal.clinic.desk import the_desk
from studyportal.clinic.own_site import own_site
from studyportal.clinic.timeline.events import IN_FULL
from studyportal.clinic.timeline.picture import picture_of, words_of
from studyportal.clinic.timeline.spans import SPANS, USUAL, opened_from, span_of
from studyportal.clinic.timeline.whole import ALERT_STATES, Timeline, timeline_of
from studyportal.clinic.visits.running import visit_of
from studyportal.database import reading
from studyportal.desk import PURPOSES, Pass
from studyportal.errors import NotFound
from studyportal.protocol import local_date, study_day
from studyportal.registry.adherence import participant_of_site
from studyportal.registry.desk import alerts_of
from studyportal.registry.entries import occasions_given
from studyportal.web.here import here

timeline = Blueprint("timeline", __name__)


@timeline.get("/participants/<uuid:id>/timeline")
def show(id: UUID) -> str:
    """Pain, mood, sleep, doses, scores, alerts, late and missing occasions, day by day."""
    span = _span()
    row, shown, pass_ = opened(id, span)
    return render_template(
        "clinic/timeline.html",
        row=row,
        timeline=shown,
        chart=words_of(shown, started_on=row.started_on),
        in_full=IN_FULL,
        spans=SPANS,
        span=span,
        states=STATES,
        looks=LOOKS,
        alert_states=ALERT_STATES,
        purpose=PURPOSES[pass_.purpose],
        study_day=study_day(local_date(clock.now(), row.zone), row.started_on),
    )


@timeline.get("/participants/<uuid:id>/timeline.svg")
def picture(id: UUID) -> Response:
    """The picture of the same, opened anew: the page does not wait for it, and nothing is kept between the two."""
    row, shown, _ = opened(id, _span())
    chart = picture_of(shown, started_on=row.started_on)
    if chart is None:
        raise NotFound("There is nothing to draw.")
    return Response(svg(chart), mimetype="image/svg+xml")


def _span() -> str:
    span = request.args.get("range", USUAL)
    if span not in SPANS:
        raise NotFound("There is no such page.")
    return span


def opened(id: UUID, span: str) -> tuple[Any, Timeline, Pass]:
    """The participant's row, their course over a span, and the pass under which it was opened."""
    protocol, site = here().protocol, own_site()
    with reading("registry", site=site) as connection:
        row = participant_of_site(connection, site, id, required_scopes=protocol.consent.required)
        if row is None:
            raise NotFound("There is no such participant.")
        came, alerts = occasions_given(connection, id), alerts_of(connection, id)
    pass_ = visit_of(id)
    now = clock.now()
    asked = span_of(span, started_on=row.started_on, today=local_date(now, row.zone))
    course = the_desk().course(pass_, id, since=opened_from(asked))
    shown = timeline_of(
        course,
        alerts,
        came,
        protocol=protocol,
        started_on=row.started_on,
        zone=row.zone,
        span=asked,
        now=now,
    )
    return row, shown, pass_
