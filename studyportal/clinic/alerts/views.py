"""The pages of alerts: the list, and one alert with what can be done about it."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm

from studyportal import clock
from studyportal.clinic.alerts import actions
from studyportal.clinic.alerts.actions import By
from studyportal.clinic.alerts.course import FILTERS, UNKNOWN, alerts_named
from studyportal.clinic.alerts.forms import ActForm, CloseForm, HandOverForm, NoteForm
from studyportal.clinic.alerts.page import Forms, Opened, alert_page, staff_names
from studyportal.clinic.alerts.waiting import LOOKS, age
from studyportal.clinic.desk import the_desk
from studyportal.clinic.own_site import own_site
from studyportal.clinic.visits.running import visit_of
from studyportal.database import reading
from studyportal.errors import CannotOpen, Conflict, Gone, Invalid, NotFound, Unavailable
from studyportal.protocol.monitoring import in_words, is_staffed
from studyportal.registry.adherence import site_name
from studyportal.registry.alert_mails import site_mail
from studyportal.registry.alerts import (
    alert_events,
    alert_of_site,
    alerts_page,
    count_alerts,
    count_open_alerts,
    erased_alerts,
)
from studyportal.web.access import signed_in
from studyportal.web.fields import show_problems
from studyportal.web.here import here
from studyportal.web.sign_in.views import actor_of

alerts = Blueprint("alerts", __name__, url_prefix="/alerts")

PAGE = 50


@alerts.get("/")
def show() -> str:
    """The alerts of the caller's site behind one of three filters, the most pressing and oldest first."""
    site, now, monitoring, me = own_site(), clock.now(), here().protocol.monitoring, signed_in()
    which, page = request.args.get("show", "open"), request.args.get("page", 1, type=int)
    if which not in FILTERS or not 1 <= page <= 10_000:
        raise NotFound("There is no such page.")
    with reading("registry", site=site) as connection:
        counts = count_alerts(connection, site, me.id)
        pages = max(1, -(-counts[which] // PAGE))
        if page > pages:
            raise NotFound("There is no such page.")
        rows = alerts_page(connection, site, which, account=me.id, page=page, size=PAGE)
        waiting, erased = count_open_alerts(connection, site), erased_alerts(connection, site)
        name, mail, names = site_name(connection, site), site_mail(connection, site), staff_names(connection)
    return render_template(
        "clinic/alerts.html",
        site=name,
        which=which,
        filters=FILTERS,
        counts=counts,
        page=page,
        pages=pages,
        waiting=waiting,
        rows=[(row, age(row.raised_at, now=now), names.get(row.holder, UNKNOWN)) for row in rows],
        erased=[(row, names.get(row.holder, UNKNOWN) if row.holder else "") for row in erased],
        looks=LOOKS,
        mail=mail,
        hours=in_words(monitoring),
        is_staffed=is_staffed(monitoring, now),
        zone=monitoring.zone,
        may_act=me.role == "clinician",
        now=now,
    )


@alerts.get("/<uuid:id>")
def look(id: UUID) -> str:
    """One alert: how pressing, since when, in whose hands, how to reach the participant, and what was done."""
    return alert_page(id, Forms())


@alerts.get("/<uuid:id>/open")
def open_(id: UUID) -> str:
    """The same page with what the alert says and the notes, opened by custody for the purpose of this visit. When the
    reading desk is closed, the page says so and everything else on it still works."""
    site = own_site()
    with reading("registry", site=site) as connection:
        row = alert_of_site(connection, site, id)
        if row is None:
            raise NotFound(actions.NOT_THERE)
        has_notes = any(event.has_note for event in alert_events(connection, id))
    pass_, desk = visit_of(row.enrolment), the_desk()
    try:
        names = desk.alert(pass_, id)
        notes = desk.notes(pass_, id) if has_notes else ()
    except (CannotOpen, Gone, Unavailable) as refusal:
        return alert_page(id, Forms(), closed=refusal.sentence)
    found = alerts_named(here().protocol, names)
    opened = Opened(found, len(names) - len(found), {one.event: one.text for one in notes})
    return alert_page(id, Forms(), opened=opened)


@alerts.post("/<uuid:id>/acknowledge")
def acknowledge(id: UUID) -> Response:
    """Take one on, and look at it."""
    try:
        actions.acknowledge(id, _by())
    except Conflict as refusal:
        flash(refusal.sentence)
    else:
        flash("You are taking care of this alert. Your colleagues see your name beside it.")
    return redirect(url_for("alerts.look", id=id), 303)


@alerts.post("/<uuid:id>/act")
def act(id: UUID) -> Response:
    form = ActForm()
    return _done(
        id,
        form,
        Forms(act=form),
        lambda: actions.act(id, form.act_what.data or "", _by(), note=form.act_note.data or "", seen=_seen()),
        "Written down. The alert is still in the same hands.",
    )


@alerts.post("/<uuid:id>/hand-over")
def hand_over(id: UUID) -> Response:
    form = HandOverForm()
    return _done(
        id,
        form,
        Forms(hand=form),
        lambda: actions.hand_over(id, _account(form.hand_to.data), _by(), note=form.hand_note.data or "", seen=_seen()),
        "Handed over. Tell your colleague yourself: this program sends them nothing.",
    )


@alerts.post("/<uuid:id>/close")
def close(id: UUID) -> Response:
    form = CloseForm()
    return _done(
        id,
        form,
        Forms(close=form),
        lambda: actions.close(id, form.close_outcome.data or "", _by(), note=form.close_note.data or "", seen=_seen()),
        "Closed. It stays in the list of closed alerts.",
    )


@alerts.post("/<uuid:id>/note")
def note(id: UUID) -> Response:
    form = NoteForm()
    return _done(
        id,
        form,
        Forms(note=form),
        lambda: actions.add_note(id, _by(), note=form.note.data or "", seen=_seen()),
        "The note is sealed and kept.",
    )


@alerts.post("/erased/<uuid:id>")
def read_of_erasure(id: UUID) -> Response:
    """Take away the line about an alert that was erased while it ran."""
    actions.read_of_erasure(id, _by())
    flash("Noted. The line is gone from the list; that you read it stays in the audit trail.")
    return redirect(url_for("alerts.show"), 303)


def _done(id: UUID, form: FlaskForm, filled: Forms, do: Callable[[], None], words: str) -> Response:
    """Do it and say so; or show the page again with what was typed and what to put right."""
    try:
        do()
    except Invalid as refusal:
        show_problems(form, refusal.problems)
        return make_response(alert_page(id, filled), 422)
    except Conflict as refusal:
        form.form_errors.append(refusal.sentence)
        return make_response(alert_page(id, filled), 409)
    flash(words)
    # Whoever had it open goes on with it open.
    return redirect(url_for("alerts.open_" if request.form.get("opened") else "alerts.look", id=id), 303)


def _by() -> By:
    caller = signed_in()
    study = here().protocol.study.code
    return By(site=own_site(), study=study, account=caller.id, actor=actor_of(caller), now=clock.now())  # type: ignore[arg-type]


def _seen() -> int:
    sent = request.form.get("seen", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 6 else -1


def _account(sent: str | None) -> UUID:
    try:
        return UUID(sent or "")
    except ValueError:
        raise Invalid("This cannot be handed over as it is.", {"hand_to": "Choose a colleague of your site."}) from None
