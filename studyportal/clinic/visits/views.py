"""The page that asks what somebody needs to read for, once a visit."""

from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from studyportal import clock
from studyportal.clinic.own_site import own_site
from studyportal.clinic.visits import actions
from studyportal.clinic.visits.forms import VisitForm
from studyportal.clinic.visits.running import LASTS, local_address
from studyportal.database import reading
from studyportal.errors import NotFound
from studyportal.registry.desk import enrolled_at
from studyportal.web.access import signed_in
from studyportal.web.sign_in.views import actor_of

visits = Blueprint("visits", __name__)


@visits.route("/participants/<uuid:id>/visit", methods=["GET", "POST"])
def begin(id: UUID) -> Response:
    """Ask, keep the answer, and go on to where the way led."""
    form, caller, site = VisitForm(), signed_in(), own_site()
    with reading("registry", site=site) as connection:
        row = enrolled_at(connection, site, id)
    if row is None:
        raise NotFound("There is no such participant.")
    if form.validate_on_submit():
        actions.begin(
            id,
            form.purpose.data,
            site=site,
            session=caller.session,
            account=caller.id,
            actor=actor_of(caller),
            now=clock.now(),
        )
        # Who has only answered the first questions has no course yet, but may have raised an alert.
        home = url_for("timeline.show", id=id) if row.started_on else url_for("alerts.show")
        return redirect(local_address(form.next.data or "") or home, 303)
    if request.method == "GET":
        form.next.data = local_address(request.args.get("next", "")) or ""
    page = render_template("clinic/visit.html", form=form, row=row, minutes=LASTS.seconds // 60)
    return make_response(page, 422 if form.errors else 200)
