"""The pages of the diary: what is due, and the form. One long page that works without scripts."""

import hashlib
import hmac
import secrets
from datetime import datetime
from uuid import UUID, uuid4

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from wtforms.form import BaseForm

from studyportal import clock
from studyportal.audit import Actor
from studyportal.database import reading
from studyportal.errors import Conflict, Gone, Invalid, NotFound
from studyportal.intake.diary.signing import receipt_signer
from studyportal.intake.diary.submission import ALREADY_GIVEN, LEFT, Submitted, submit
from studyportal.intake.enrolment.awaiting import awaited, is_paused, is_paused_for
from studyportal.intake.enrolment.sessions import Caller
from studyportal.intake.enrolment.visitors import caller
from studyportal.protocol import Instrument, entry_dates, local_date, occasion, study_day
from studyportal.protocol.entry import BLIND, read_blind, write_blind
from studyportal.registry.entries import entry_for, last_on_demand, occasions_given
from studyportal.registry.messages import count_unread
from studyportal.web.access import visitor
from studyportal.web.answering.forms import diary_form
from studyportal.web.answering.sent import read_form
from studyportal.web.answering.standing import any_time, standings
from studyportal.web.answering.times import About, Times, check_window
from studyportal.web.fields import show_problems
from studyportal.web.here import here

diary = Blueprint("diary", __name__)

# Hidden fields, and the button that asks for more rows; no item's name has a hyphen.
_ID, _BLIND, _ZONE, _FOLLOWS, _MORE = "entry-id", "entry-blind", "entry-zone", "entry-follows", "entry-more"
_OURS = {_ID, _BLIND, _ZONE, _FOLLOWS, _MORE, "csrf_token"}
_NOT_WHOLE = "This page did not arrive whole. Open it again from Today."


@diary.get("/")
def today() -> str | Response:
    """What is due now. Somebody who is not signed in is told what this place is."""
    if visitor() is None or visitor().role != "participant":  # type: ignore[union-attr]
        return render_template("intake/welcome.html")
    found, now, protocol = caller(), clock.now(), here().protocol
    start, zone = found.enrolled.started_on, found.enrolled.zone
    if start is None:
        return redirect(url_for("consent.own"), 303)
    with reading("registry", enrolment=found.enrolment) as connection:
        given = occasions_given(connection, found.enrolment)
        latest = last_on_demand(connection, found.enrolment)
        unread = count_unread(connection, found.enrolment, "staff")
        to_sign = awaited(connection, found.enrolled)
    date = local_date(now, zone)
    return render_template(
        "intake/today.html",
        standings=standings(protocol, given, start=start, zone=zone, now=now),
        any_time=any_time(protocol, given, latest, start=start, zone=zone, now=now),
        has_left=found.enrolled.has_stopped,
        unread=unread,
        to_sign=to_sign,
        is_paused=is_paused(to_sign),
        date=date,
        study_day=study_day(date, start),
        zone=zone,
    )


@diary.get("/diary/<name>", defaults={"number": None})
@diary.get("/diary/<name>/<int:number>")
def ask(name: str, number: int | None) -> str | Response:
    """The form, empty, with an entry id and a blind of its own so that a double tap is one entry."""
    found, instrument, now = caller(), _instrument(name, number), clock.now()
    if found.enrolled.started_on is None:
        return redirect(url_for("consent.own"), 303)
    if found.enrolled.has_stopped:
        raise Gone(LEFT)
    if is_paused_for(found.enrolled):
        return redirect(url_for("renewal.read"), 303)
    if number is not None:
        # Refuses numbers that there never will be; the largest of them would be too large for the database.
        occasion(instrument.schedule, number, found.enrolled.started_on, found.enrolled.zone)
        with reading("registry", enrolment=found.enrolment) as connection:
            given = entry_for(connection, found.enrolment, name, number)
        if given is not None:
            return redirect(url_for("course.entry", id=given), 303)
        _check_open(instrument, number, found, now)
    follows = request.args.get("follows", "")
    if instrument.schedule.after and not follows:
        return redirect(url_for("course.follow", name=name), 303)
    hidden = {
        _ID: str(uuid4()),
        _BLIND: write_blind(secrets.token_bytes(32)),
        _ZONE: found.enrolled.zone,
        _FOLLOWS: follows,
    }
    return _page(instrument, number, _form(instrument, None), hidden, found, now)


@diary.post("/diary/<name>", defaults={"number": None})
@diary.post("/diary/<name>/<int:number>")
def answer(name: str, number: int | None) -> Response:
    """Keep the entry, or show the form again with what was typed and what to put right."""
    found, instrument, now = caller(), _instrument(name, number), clock.now()
    entry_id, hidden = _hidden(found)
    if _MORE in request.form:
        return make_response(_page(instrument, number, _form(instrument, _answered()), hidden, found, now))
    try:
        _submit(entry_id, hidden, found, instrument, number, now)
    except Conflict as refusal:
        return _given_already(entry_id, found, name, number, refusal)
    except Invalid as refusal:
        form = _form(instrument, _answered())
        show_problems(form, refusal.problems or {"": refusal.sentence})
        return make_response(_page(instrument, number, form, hidden, found, now), 422)
    return redirect(url_for("course.entry", id=entry_id), 303)


def _instrument(name: str, number: int | None) -> Instrument:
    instrument = here().protocol.instruments.get(name)
    if instrument is None or not instrument.in_diary or instrument.on_demand != (number is None):
        raise NotFound("There is no such page in the diary.")
    return instrument


def _form(instrument: Instrument, answered: MultiDict[str, str] | None) -> BaseForm:
    return diary_form(instrument, answered, language=here().protocol.language)


def _answered() -> MultiDict[str, str]:
    """The fields of the form that are the participant's."""
    return MultiDict((name, value) for name, value in request.form.items(multi=True) if name not in _OURS)


def _hidden(found: Caller) -> tuple[UUID, dict[str, str]]:
    sent = {name: request.form.get(name, "") for name in (_ID, _BLIND, _ZONE, _FOLLOWS)}
    try:
        if not BLIND.fullmatch(sent[_BLIND]):
            raise ValueError
        return UUID(sent[_ID]), sent | {_ZONE: sent[_ZONE] or found.enrolled.zone}
    except ValueError:
        raise Invalid(_NOT_WHOLE) from None


def _submit(
    entry_id: UUID, hidden: dict[str, str], found: Caller, instrument: Instrument, number: int | None, now: datetime
) -> Submitted:
    sent = read_form(instrument, _answered())
    return submit(
        entry_id,
        found.enrolled,
        instrument.name,
        sent.answers,
        missing=sent.missing,
        follows=_follows(hidden[_FOLLOWS]),
        occasion=number,
        times=Times(hidden[_ZONE]),
        blind=read_blind(hidden[_BLIND]),
        protocol=here().protocol,
        signer=receipt_signer(),
        source="participant",
        check_times=True,
        paused=is_paused_for(found.enrolled),
        actor=Actor("intake", "participant", str(found.enrolment)),
        now=now,
    )


def _follows(sent: str) -> UUID | None:
    try:
        return UUID(sent) if sent else None
    except ValueError:
        raise Invalid(_NOT_WHOLE) from None


def _given_already(entry_id: UUID, found: Caller, name: str, number: int | None, refusal: Conflict) -> Response:
    """Lead to the entry that was kept first, with the sentence; it is the answer to "did it arrive?"."""
    with reading("registry", enrolment=found.enrolment) as connection:
        kept = entry_for(connection, found.enrolment, name, number) if number is not None else entry_id
    if kept is None:
        raise refusal
    page = render_template("intake/already.html", sentence=refusal.sentence, id=kept, given=ALREADY_GIVEN)
    return make_response(page, 409)


def _check_open(instrument: Instrument, number: int, found: Caller, now: datetime) -> None:
    start, zone = found.enrolled.started_on, found.enrolled.zone
    due = occasion(instrument.schedule, number, start, zone)  # type: ignore[arg-type]
    try:
        check_window(instrument, About(due, due.diary_date), times=Times(zone), start=start, zone=zone, now=now)  # type: ignore[arg-type]
    except Invalid as refusal:
        raise Gone(refusal.sentence) from None


def _page(instrument: Instrument, number: int | None, form, hidden, found: Caller, now: datetime) -> str:  # type: ignore[no-untyped-def]
    start, zone = found.enrolled.started_on, found.enrolled.zone
    due = occasion(instrument.schedule, number, start, zone) if number is not None else None  # type: ignore[arg-type]
    return render_template(
        "intake/diary.html",
        instrument=instrument,
        form=form,
        hidden=hidden,
        due=due,
        is_late=due is not None and due.is_late(now),
        dates=entry_dates(instrument.schedule, start=start, zone=zone, now=now),  # type: ignore[arg-type]
        zone=zone,
        whose=_whose(found),
    )


def _whose(found: Caller) -> str:
    """A name under which the browser keeps this person's drafts, and shows them to nobody else on the same device."""
    secret = here().settings.secret_key.encode()
    return hmac.new(secret, b"studyportal drafts 1|" + found.enrolment.bytes, hashlib.sha256).hexdigest()[:16]
