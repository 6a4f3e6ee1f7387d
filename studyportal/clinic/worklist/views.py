"""The home page of the clinic: what is needed today, all of it or of one kind, or of one participant."""

from collections import Counter
from collections.abc import Sequence

from flask import Blueprint, Response, make_response, render_template, request

from studyportal import clock
from studyportal.clinic.own_site import own_site
from studyportal.clinic.worklist.needs import CAN_WAIT, NEEDS, Asked, Need, needs_of_site
from studyportal.database import reading
from studyportal.errors import NotFound
from studyportal.protocol.monitoring import in_words, is_staffed, next_staffed
from studyportal.registry.adherence import count_participants, participant_called, site_name
from studyportal.registry.codes import read_participant_code
from studyportal.registry.pauses import paused_at_site
from studyportal.web.access import signed_in
from studyportal.web.here import here

worklist = Blueprint("worklist", __name__)

PAGE = 50
ALL = "all"


@worklist.get("/")
def today() -> str:
    """Who needs something, the most pressing first."""
    kind, page = request.args.get("kind", ALL), request.args.get("page", 1, type=int)
    found, about = _found()
    counts = Counter(need.kind for need in found)
    shown = [need for need in found if kind in (ALL, need.kind)]
    pages = max(1, -(-len(shown) // PAGE))
    if kind not in (ALL, *NEEDS) or not 1 <= page <= pages:
        raise NotFound("There is no such page.")
    return render_template(
        "clinic/worklist.html",
        needs=shown[(page - 1) * PAGE : page * PAGE],
        total=len(found),
        counts=counts,
        kind=kind,
        page=page,
        pages=pages,
        urgent=sum(need.rank < CAN_WAIT for need in found),
        people=len({need.enrolment for need in found}),
        **about,
    )


@worklist.post("/")
def find() -> Response:
    """What one participant needs. Sent as a form: an address with a code stays in the history."""
    code, site = read_participant_code(request.form.get("code", "")), own_site()
    with reading("registry", site=site) as connection:
        enrolment = participant_called(connection, site, code) if code else None
    if enrolment is None:
        return make_response(render_template("clinic/worklist_found.html", code=None, needs=()), 422)
    found, about = _found()
    own = [need for need in found if need.enrolment == enrolment]
    return make_response(
        render_template("clinic/worklist_found.html", code=code, enrolment=enrolment, needs=own, **about)
    )


def _found() -> tuple[Sequence[Need], dict[str, object]]:
    """Every need of the site, and what the pages show beside them."""
    site, caller, now, protocol = own_site(), signed_in(), clock.now(), here().protocol
    with reading("registry", site=site) as connection:
        found = needs_of_site(Asked(connection, site, caller.id, protocol, now))
        paused = paused_at_site(connection, site, required_scopes=protocol.consent.required, now=now)
        name, participants = site_name(connection, site), count_participants(connection, site)
    monitoring = protocol.monitoring
    return found, {
        "site": name,
        "participants": participants,
        "paused": paused,
        "now": now,
        "zone": monitoring.zone,
        "hours": in_words(monitoring),
        "is_staffed": is_staffed(monitoring, now),
        "next_hours": next_staffed(monitoring, now),
        "kinds": NEEDS,
        "may_take": caller.role == "clinician",
    }
