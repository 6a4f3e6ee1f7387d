"""The page on which a clinician makes the report of a visit, and the file."""

from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request, url_for

from studyportal import clock
from studyportal.clinic.own_site import own_site
from studyportal.clinic.visit_report import actions
from studyportal.clinic.visit_report.forms import VisitReportForm
from studyportal.clinic.visit_report.parts import Maker
from studyportal.clinic.visits.actions import begin
from studyportal.clinic.visits.running import LASTS, running_purpose
from studyportal.database import reading
from studyportal.desk import PURPOSES
from studyportal.errors import CannotOpen, Gone, NotFound, Refusal, TooLarge, TooMany, Unavailable
from studyportal.registry.desk import enrolled_at
from studyportal.web.access import signed_in
from studyportal.web.course.spans import SPANS, USUAL
from studyportal.web.here import here
from studyportal.web.refusals import status_of
from studyportal.web.sign_in.views import actor_of

visit_report = Blueprint("visit_report", __name__)

# What the desk may refuse without the note being lost: the page comes back with it and the sentence.
KEEPS_THE_NOTE = (CannotOpen, Gone, TooLarge, TooMany, Unavailable)


@visit_report.route("/participants/<uuid:id>/visit-report", methods=["GET", "POST"])
def make(id: UUID) -> Response:
    """Ask for the time, the paper and a note; then the file. A visit that ran out is begun again on the same page."""
    site, caller, form = own_site(), signed_in(), VisitReportForm()
    with reading("registry", site=site) as connection:
        row = enrolled_at(connection, site, id)
    if row is None or row.started_on is None:
        raise NotFound("There is no such participant.")
    purpose, status = running_purpose(id), 200
    if purpose is not None:
        del form.purpose
    if request.method == "GET":
        asked = request.args.get("range", USUAL)
        form.span.data, form.size.data = asked if asked in SPANS else USUAL, "A4"
    elif not form.validate():
        status = 422
    else:
        try:
            if purpose is None:
                about = {"site": site, "session": caller.session, "account": caller.id, "actor": actor_of(caller)}
                begin(id, form.purpose.data, **about, now=clock.now())  # type: ignore[arg-type]
            return _file(id, form)
        except KEEPS_THE_NOTE as refusal:
            status = _say(form, refusal)
    page = render_template(
        "clinic/visit_report.html",
        form=form,
        row=row,
        purpose=PURPOSES.get(purpose or ""),
        has_ended=purpose is None and request.method == "POST",
        minutes=LASTS.seconds // 60,
    )
    return make_response(page, status)


def _file(id: UUID, form: VisitReportForm) -> Response:
    caller, place = signed_in(), here()
    verify = getattr(place.settings, "diary", "") or place.settings.origin
    name, pdf = actions.make(
        id,
        form.span.data,
        form.note.data,
        size=form.size.data,
        protocol=place.protocol,
        maker=Maker(caller.name, caller.title),
        address=verify + url_for("verifying.paper"),
        synthetic=place.settings.synthetic,
    )
    answer = Response(pdf, mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _say(form: VisitReportForm, refusal: Refusal) -> int:
    form.form_errors.append(refusal.sentence)
    return status_of(refusal)
