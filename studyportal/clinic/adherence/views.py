"""The clinic's pages: a site's own participants, and one participant's calendar."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from studyportal import clock
from studyportal.clinic.adherence.calendar import STATES, months
from studyportal.clinic.adherence.figures import WEEK, last_week, overall, unasked
from studyportal.clinic.own_site import own_site
from studyportal.database import reading
from studyportal.errors import NotFound
from studyportal.protocol import local_date, study_day
from studyportal.protocol.adherence import counted, occasion_states
from studyportal.protocol.schedules import pause_at
from studyportal.registry import adherence as registry
from studyportal.registry.alerts import count_open_alerts
from studyportal.registry.codes import read_participant_code
from studyportal.registry.entries import occasions_given
from studyportal.registry.pauses import pauses_among, pauses_of
from studyportal.web.here import here

adherence = Blueprint("adherence", __name__, url_prefix="/participants")

PAGE = 50
# Entries that came in the last week may be for occasions that opened two days before it.
_ROOM = WEEK * 2
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@adherence.get("/")
def participants() -> str:
    """The site's participants, fifty a page."""
    site, protocol, now = own_site(), here().protocol, clock.now()
    names = {instrument.name for instrument in counted(protocol)}
    order = request.args.get("order", "quiet")
    page = request.args.get("page", 1, type=int)
    with reading("registry", site=site) as connection:
        name, total = registry.site_name(connection, site), registry.count_participants(connection, site)
        pages = max(1, -(-total // PAGE))
        if order not in registry.ORDERS or not 1 <= page <= pages:
            raise NotFound("There is no such page.")
        rows = registry.participants_page(
            connection, site, required_scopes=protocol.consent.required, order=order, page=page, size=PAGE
        )
        ids = [row.id for row in rows]
        given = registry.given_counts(connection, ids, names)
        recent = registry.occasions_since(connection, ids, now - _ROOM)
        alerts = count_open_alerts(connection, site)
        pauses = pauses_among(connection, ids)
        # Of the few who ever paused, every occasion: which of those in a pause were given all the same.
        whole = registry.occasions_since(connection, list(pauses), BEGINNING)
    shown = []
    for row in rows:
        about = {"start": row.started_on, "zone": row.zone, "now": now}
        paused = pauses.get(row.id, ())
        about["unasked"] = unasked(protocol, paused, whole.get(row.id, ()), **about)
        shown.append(
            {
                "row": row,
                "week_number": (study_day(local_date(now, row.zone), row.started_on) - 1) // 7 + 1,
                "all": overall(protocol, given.get(row.id, 0), **about),
                "week": last_week(protocol, recent.get(row.id, ()), **about),
                "pause": pause_at(paused, now),
            }
        )
    return render_template(
        "clinic/participants.html",
        site=name,
        shown=shown,
        total=total,
        page=page,
        pages=pages,
        order=order,
        alerts=alerts,
    )


@adherence.post("/find")
def find() -> Response:
    """Lead to the participant whose code was typed. Sent as a form: an address with a code stays in the history."""
    code = read_participant_code(request.form.get("code", ""))
    with reading("registry", site=own_site()) as connection:
        found = registry.participant_called(connection, own_site(), code) if code else None
    if found is None:
        flash("No participant of this site has this code.")
        return redirect(url_for("adherence.participants"), 303)
    return redirect(url_for("adherence.participant", id=found), 303)


@adherence.get("/<uuid:id>")
def participant(id: UUID) -> str:
    """Which occasions were given, late or missed. Another site's participant is not there."""
    site, protocol, now = own_site(), here().protocol, clock.now()
    with reading("registry", site=site) as connection:
        row = registry.participant_of_site(connection, site, id, required_scopes=protocol.consent.required)
        if row is None:
            raise NotFound("There is no such participant.")
        came, pauses = occasions_given(connection, id), pauses_of(connection, id)
    calendars = []
    for instrument in counted(protocol):
        states = occasion_states(instrument, came, start=row.started_on, zone=row.zone, now=now, pauses=pauses)
        counts = {state: sum(one == state for one in states.values()) for state in STATES}
        calendar = None if instrument.schedule.is_once else months(states)
        calendars.append((instrument, counts, calendar, came.get((instrument.name, 1))))
    names = {instrument.name for instrument, *_ in calendars}
    given = sum(name in names for name, _ in came)
    about = {"start": row.started_on, "zone": row.zone, "now": now}
    return render_template(
        "clinic/participant.html",
        row=row,
        calendars=calendars,
        states=STATES,
        study_day=study_day(local_date(now, row.zone), row.started_on),
        adherence=overall(protocol, given, **about, unasked=unasked(protocol, pauses, came, **about)),
        pause=pause_at(pauses, now),
    )
