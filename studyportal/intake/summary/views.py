"""The page on which somebody makes a summary of their diary, and the file. Opened with their own key, in this request
alone."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from studyportal import clock
from studyportal.database import reading
from studyportal.intake.course.asked import own_states
from studyportal.intake.course.opening import own_entries, own_key
from studyportal.intake.enrolment.visitors import caller, session_token
from studyportal.intake.summary.actions import print_summary
from studyportal.intake.summary.forms import DATES, STRETCHES, SummaryForm, chosen_at_first, followed
from studyportal.intake.summary.laid_out import laid_out
from studyportal.intake.summary.parts import Wanted
from studyportal.intake.withdrawal.left import asked_until
from studyportal.protocol import local_date
from studyportal.registry.pauses import pauses_of
from studyportal.web.here import here

summary = Blueprint("summary", __name__)


@summary.route("/course/summary", methods=["GET", "POST"])
def make() -> Response:
    """Ask what shall be on it; then the file."""
    found, protocol, form = caller().enrolled, here().protocol, SummaryForm()
    if found.started_on is None:
        return redirect(url_for("consent.own"), 303)  # type: ignore[return-value]
    form.offer(protocol, started_on=found.started_on, today=local_date(clock.now(), found.zone))
    if request.method == "POST" and form.validate():
        return _file(form)
    if request.method == "GET":
        form.span.data, form.size.data, form.happened.data = "12", "A4", list(chosen_at_first(protocol))
    page = render_template("intake/summary.html", form=form)
    return make_response(page, 422 if request.method == "POST" else 200)


def _file(form: SummaryForm) -> Response:
    found, protocol, now = caller().enrolled, here().protocol, clock.now()
    about = {"zone": found.zone}
    entries = own_entries(
        caller(), own_key(caller(), session_token(request), study=protocol.study.code), protocol=protocol
    )
    with reading("registry", enrolment=found.enrolment) as connection:
        until = asked_until(connection, found, protocol.consent.required, now=now)
        pauses = pauses_of(connection, found.enrolment)
    states = own_states(entries, protocol, start=found.started_on, now=until, pauses=pauses, **about)  # type: ignore[arg-type]
    kinds = form.happened.data or ()
    shown = laid_out(
        entries,
        states,
        protocol,
        span=form.time(),
        kinds=kinds,
        started_on=found.started_on,  # type: ignore[arg-type]
        **about,
    )
    stretch = "" if form.span.data == DATES else dict(STRETCHES)[form.span.data]
    name, pdf = print_summary(
        found,
        shown,
        Wanted(stretch, form.questions.data, kinds, form.words.data),
        names_study=not followed(protocol).isdisjoint(kinds),
        size=form.size.data,
        protocol=protocol,
        synthetic=here().settings.synthetic,
        now=now,
    )
    answer = Response(pdf, mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
