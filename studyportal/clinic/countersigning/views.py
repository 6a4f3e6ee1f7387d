"""The page on which a clinician countersigns one participant's consent."""

from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from studyportal import clock
from studyportal.clinic.countersigning import actions
from studyportal.clinic.own_site import own_site
from studyportal.database import reading
from studyportal.errors import Conflict, NotFound
from studyportal.registry.adherence import participant_of_site
from studyportal.registry.countersignatures import waiting_of
from studyportal.web.access import signed_in
from studyportal.web.here import here
from studyportal.web.sign_in.views import actor_of

countersigning = Blueprint("countersigning", __name__)


@countersigning.get("/participants/<uuid:id>/countersign")
def ask(id: UUID) -> Response:
    """What was signed, by whom and when, and the button."""
    site = own_site()
    with reading("registry", site=site) as connection:
        whose = participant_of_site(connection, site, id, required_scopes=here().protocol.consent.required)
        waiting = waiting_of(connection, site, id)
    if whose is None:
        raise NotFound("There is no such participant.")
    if waiting is None or whose.has_left:
        flash("Nothing of theirs waits for a countersignature.")
        return redirect(url_for("adherence.participant", id=id), 303)
    page = render_template(
        "clinic/countersign.html", row=whose, waiting=waiting, form=here().protocol.consent, caller=signed_in()
    )
    return make_response(page)


@countersigning.post("/participants/<uuid:id>/countersign")
def sign(id: UUID) -> Response:
    """Countersign what stood on the page."""
    site, caller = own_site(), signed_in()
    with reading("registry", site=site) as connection:
        if participant_of_site(connection, site, id, required_scopes=here().protocol.consent.required) is None:
            raise NotFound("There is no such participant.")
    try:
        statement = bytes.fromhex(request.form.get("statement", ""))
    except ValueError:
        statement = b""
    try:
        actions.countersign(
            id,
            statement,
            site=site,
            account=caller.id,  # type: ignore[arg-type]
            name=caller.name,
            actor=actor_of(caller),
            now=clock.now(),
        )
    except Conflict as refusal:
        flash(refusal.sentence)
    else:
        flash("Countersigned. The participant gets the copy with both signatures in a few minutes.")
    return redirect(url_for("adherence.participant", id=id), 303)
