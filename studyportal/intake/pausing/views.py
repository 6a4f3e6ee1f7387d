"""One calm page on which somebody pauses their diary, and the tap with which they go on."""

from datetime import date

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from studyportal import clock
from studyportal.database import reading
from studyportal.errors import Conflict, Gone
from studyportal.intake.diary.submission import LEFT
from studyportal.intake.enrolment.sessions import Caller
from studyportal.intake.enrolment.visitors import caller
from studyportal.intake.pausing.actions import go_on, pause
from studyportal.intake.pausing.forms import chosen_end, is_complete, pause_form
from studyportal.protocol import local_date
from studyportal.protocol.schedules import last_asked_on
from studyportal.registry.pauses import current_pause
from studyportal.saying import said
from studyportal.web.here import here
from studyportal.web.translating import tell

pausing = Blueprint("pausing", __name__)

GOES_ON = said("Your diary goes on. What you could not write in the pause does not count as missed.")
OVER = said("Nothing more will be asked in this study, so there is nothing to pause.")


@pausing.get("/pause")
def choose() -> str | Response:
    """What a pause does, and for how long; or that there is one."""
    found, last = _taking_part()
    return _page(pause_form(None), found, last)


@pausing.post("/pause")
def begin() -> Response:
    """Pause."""
    found, last = _taking_part()
    form, now, zone = pause_form(request.form), clock.now(), found.enrolled.zone
    if not is_complete(form, today=local_date(now, zone), last=last):
        return make_response(_page(form, found, last), 422)
    try:
        pause(found.enrolment, until=chosen_end(form, zone=zone), now=now)
    except Conflict as refusal:
        tell(refusal.sentence)
    return redirect(url_for("diary.today"), 303)


@pausing.post("/pause/end")
def end() -> Response:
    """Go on."""
    try:
        go_on(caller().enrolment, now=clock.now())
    except Conflict as refusal:
        tell(refusal.sentence)
    else:
        tell(GOES_ON)
    return redirect(url_for("diary.today"), 303)


def _taking_part() -> tuple[Caller, date | None]:
    """Who is calling, and on which day they are asked for the last time. Raises `Gone` for somebody who has left."""
    found, protocol = caller(), here().protocol
    if found.enrolled.has_stopped:
        raise Gone(LEFT)
    if found.enrolled.started_on is None:
        raise Gone("The consent form comes first.")
    asked = [one.schedule for one in protocol.instruments.values() if one.in_diary]
    endless = any(one.has_occasions and not one.is_once and one.last_day is None for one in asked)
    return found, None if endless else last_asked_on(asked, found.enrolled.started_on)


def _page(form, found: Caller, last: date | None) -> str:  # type: ignore[no-untyped-def]
    now = clock.now()
    with reading("registry", enrolment=found.enrolment) as connection:
        paused = current_pause(connection, found.enrolment, now=now)
    return render_template(
        "intake/pause.html",
        form=form,
        pause=paused,
        over=OVER if last is not None and last <= local_date(now, found.enrolled.zone) else "",
        zone=found.enrolled.zone,
    )
