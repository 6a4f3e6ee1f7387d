"""The pages on which staff write: what can be written for one participant now, and the form."""

import secrets
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from wtforms.form import BaseForm

from studyportal import clock
from studyportal.clinic.own_site import own_site
from studyportal.clinic.writing import actions
from studyportal.clinic.writing.offered import offers, source_of
from studyportal.clinic.writing.signatures import check_nothing_missing, why_waiting
from studyportal.database import reading
from studyportal.errors import Conflict, Invalid, NotFound
from studyportal.protocol import Instrument, entry_dates, occasion
from studyportal.protocol.entry import BLIND, read_blind, write_blind
from studyportal.registry.adherence import participant_of_site
from studyportal.registry.entries import entry_for, occasions_given
from studyportal.web.access import signed_in
from studyportal.web.answering.forms import diary_form
from studyportal.web.answering.sent import read_form
from studyportal.web.fields import show_problems
from studyportal.web.here import here
from studyportal.web.sign_in.views import actor_of

forms = Blueprint("forms", __name__)

# Hidden fields, and the button that asks for more rows; no item's name has a hyphen.
_ID, _BLIND, _MORE = "entry-id", "entry-blind", "entry-more"
_OURS = {_ID, _BLIND, _MORE, "csrf_token"}
_NOT_WHOLE = "This page did not arrive whole. Open the form again."


@forms.get("/participants/<uuid:id>/forms")
def choose(id: UUID) -> str:
    """What staff fill in about this participant, and which diaries can be taken by phone now."""
    whose, now, protocol = _whose(id), clock.now(), here().protocol
    with reading("registry", site=own_site()) as connection:
        given = occasions_given(connection, id)
    about = {"start": whose.started_on, "zone": whose.zone, "now": now}
    return render_template(
        "clinic/forms.html",
        row=whose,
        own=offers(protocol, given, by="clinician", **about),
        by_phone=offers(protocol, given, by="participant", **about),
        is_clinician=signed_in().role == "clinician",
        waiting=why_waiting(id, protocol, site=own_site()),
        now=now,
    )


@forms.get("/participants/<uuid:id>/forms/<name>", defaults={"number": None})
@forms.get("/participants/<uuid:id>/forms/<name>/<int:number>")
def ask(id: UUID, name: str, number: int | None) -> str | Response:
    """The form, empty, with an entry id and a blind of its own so that a double click is one entry."""
    whose, asked = _whose(id), _instrument(name, number)
    actions.check_may_write(asked, whose, signed_in().role)
    check_nothing_missing(id, here().protocol, site=own_site())
    if number is not None:
        # Refuses numbers that there never will be; the largest of them would be too large for the database.
        occasion(asked.schedule, number, whose.started_on, whose.zone)
        with reading("registry", site=own_site()) as connection:
            given = entry_for(connection, id, name, number)
        if given is not None:
            flash(actions.TAKEN)
            return redirect(url_for("forms.choose", id=id), 303)
    hidden = {_ID: str(uuid4()), _BLIND: write_blind(secrets.token_bytes(32))}
    return _page(whose, asked, number, _form(asked, None), hidden)


@forms.post("/participants/<uuid:id>/forms/<name>", defaults={"number": None})
@forms.post("/participants/<uuid:id>/forms/<name>/<int:number>")
def answer(id: UUID, name: str, number: int | None) -> Response:
    """Keep the entry, or show the form again with what was typed and what to put right."""
    whose, asked, caller, answered = _whose(id), _instrument(name, number), signed_in(), _answered()
    entry, hidden = _hidden()
    if _MORE in request.form:
        return make_response(_page(whose, asked, number, _form(asked, answered), hidden))
    writer = actions.Writer(caller.id, caller.name, caller.role, own_site(), actor_of(caller))  # type: ignore[arg-type]
    try:
        alarm = actions.write(
            entry,
            whose,
            asked,
            read_form(asked, answered),
            number=number,
            blind=read_blind(hidden[_BLIND]),
            protocol=here().protocol,
            writer=writer,
            now=clock.now(),
        )
    except Conflict as refusal:
        flash(refusal.sentence)
        return redirect(url_for("forms.choose", id=id), 303)
    except Invalid as refusal:
        form = _form(asked, answered)
        show_problems(form, refusal.problems or {"": refusal.sentence})
        return make_response(_page(whose, asked, number, form, hidden), 422)
    flash(f"{asked.title}: kept and sealed, under your name.")
    if alarm is not None:
        flash("What you wrote down has raised an alert. It waits until a clinician takes care of it.")
        return redirect(url_for("alerts.look", id=alarm.row["id"], kept="yes"), 303)
    return redirect(url_for("forms.choose", id=id, kept="yes"), 303)


def _whose(id: UUID) -> sa.Row:
    site = own_site()
    with reading("registry", site=site) as connection:
        found = participant_of_site(connection, site, id, required_scopes=here().protocol.consent.required)
    if found is None:
        raise NotFound("There is no such participant.")
    return found


def _instrument(name: str, number: int | None) -> Instrument:
    asked = here().protocol.instruments.get(name)
    if asked is None or asked.on_demand != (number is None):
        raise NotFound(actions.NONE)
    return asked  # type: ignore[no-any-return]


def _form(asked: Instrument, answered: MultiDict[str, str] | None) -> BaseForm:
    return diary_form(asked, answered, language=here().protocol.language)


def _answered() -> MultiDict[str, str]:
    return MultiDict((name, value) for name, value in request.form.items(multi=True) if name not in _OURS)


def _hidden() -> tuple[UUID, dict[str, str]]:
    sent = {name: request.form.get(name, "") for name in (_ID, _BLIND)}
    try:
        if not BLIND.fullmatch(sent[_BLIND]):
            raise ValueError
        return UUID(sent[_ID]), sent
    except ValueError:
        raise Invalid(_NOT_WHOLE) from None


def _page(whose: sa.Row, asked: Instrument, number: int | None, form: BaseForm, hidden: dict[str, Any]) -> str:
    start, zone, now = whose.started_on, whose.zone, clock.now()
    due = occasion(asked.schedule, number, start, zone) if number is not None else None
    return render_template(
        "clinic/form.html",
        row=whose,
        instrument=asked,
        form=form,
        hidden=hidden,
        writer=signed_in().id,
        due=due,
        is_late=due is not None and due.is_late(now),
        dates=entry_dates(asked.schedule, start=start, zone=zone, now=now),
        by_phone=source_of(asked) == "phone",
        now=now,
    )
