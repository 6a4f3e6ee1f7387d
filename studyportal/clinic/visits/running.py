"""The visit that is running, as a pass for the reading desk; without one, the way leads to the page that asks.

A visit belongs to one session and one participant and ends by the clock. Whoever opens something sealed in the clinic
calls `visit_of` first, and outside of any transaction.
"""

from datetime import timedelta
from uuid import UUID

from flask import abort, redirect, request, url_for

from studyportal import clock
from studyportal.clinic.own_site import own_site
from studyportal.database import reading
from studyportal.desk import PURPOSES, Pass
from studyportal.registry.desk import purpose_of_visit
from studyportal.web.access import signed_in
from studyportal.web.here import here

# An appointment, or a call and the note on it.
LASTS = timedelta(minutes=30)


def visit_of(enrolment: UUID) -> Pass:
    """The pass of this session's visit to a participant. Without a visit the browser is led to the page that asks what
    for, and from there back here (after a form: to the participant)."""
    found = running_purpose(enrolment)
    if found is None:
        page = request.full_path.rstrip("?") if request.method == "GET" else ""
        abort(redirect(url_for("visits.begin", id=enrolment, next=page or None), 303))
    return Pass(request.cookies[here().cookie], found)


def running_purpose(enrolment: UUID) -> str | None:
    """The purpose of this session's visit to a participant, or None when there is none, or none any more."""
    session = signed_in().session
    assert isinstance(session, UUID)
    with reading("registry", site=own_site()) as connection:
        found = purpose_of_visit(connection, session=session, enrolment=enrolment, since=clock.now() - LASTS)
    return found if found in PURPOSES else None


def local_address(address: str) -> str | None:
    """An address within this room, or None: a link from elsewhere must not lead through here to another place."""
    is_path = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_path and address.isprintable() and "\\" not in address and len(address) <= 300 else None
