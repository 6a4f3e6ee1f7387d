"""The timeline of one participant of the own site. Nothing of it is kept, and nothing opens without a visit."""

from uuid import UUID

from flask import Blueprint, Response, render_template, request

from studyportal.clinic.adherence.calendar import STATES
from studyportal.clinic.alerts.waiting import LOOKS
from studyportal.clinic.timeline.opening import opened
from studyportal.clinic.timeline.picture import course_of, picture_of
from studyportal.clinic.timeline.whole import ALERT_STATES
from studyportal.desk import PURPOSES
from studyportal.errors import NotFound
from studyportal.protocol import local_date, study_day
from studyportal.web.access import signed_in
from studyportal.web.course.events import IN_FULL
from studyportal.web.course.spans import SPANS, USUAL
from studyportal.web.pictures import drawn_response

timeline = Blueprint("timeline", __name__)


@timeline.get("/participants/<uuid:id>/timeline")
def show(id: UUID) -> str:
    """Pain, mood, sleep, doses, scores, alerts, late and missing occasions, day by day."""
    span = _span()
    found = opened(id, span)
    row = found.row
    return render_template(
        "clinic/timeline.html",
        row=row,
        timeline=found.timeline,
        since=found.since,
        pauses=found.pauses,
        chart=course_of(found.timeline, started_on=row.started_on),
        in_full=IN_FULL,
        spans=SPANS,
        span=span,
        states=STATES,
        is_clinician=signed_in().role == "clinician",
        looks=LOOKS,
        alert_states=ALERT_STATES,
        purpose=PURPOSES[found.pass_.purpose],
        study_day=study_day(local_date(found.at, row.zone), row.started_on),
    )


@timeline.get("/participants/<uuid:id>/timeline.svg")
def picture(id: UUID) -> Response:
    """The picture of the same, opened anew: the page does not wait for it, and nothing is kept between the two."""
    found = opened(id, _span())
    chart = picture_of(found.timeline, started_on=found.row.started_on)
    if chart is None:
        raise NotFound("There is nothing to draw.")
    return drawn_response(chart)


def _span() -> str:
    span = request.args.get("range", USUAL)
    if span not in SPANS:
        raise NotFound("There is no such page.")
    return span
