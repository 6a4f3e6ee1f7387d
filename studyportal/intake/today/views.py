"""The pages of the diary: what is due, and the form. One long page that works without scripts."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from wtforms.form import BaseForm

from studyportal import clock
from studyportal.audit import Actor
from studyportal.database import reading
from studyportal.errors import Conflict, Gone, Invalid, NotFound
from studyportal.intake.course.alerting import help_with
from studyportal.intake.diary.aid import aid_offline
from studyportal.intake.diary.filled import MORE_FIELD, SAME_FIELD, VERSION_FIELD, Filled, blank, hidden_of, read_filled
from studyportal.intake.diary.signing import receipt_signer
from studyportal.intake.diary.submission import ALREADY_GIVEN, LEFT, Submitted, submit
from studyportal.intake.enrolment.awaiting import TO_SIGN, awaited, waits, waits_for_clinic, why_waiting
from studyportal.intake.enrolment.sessions import Caller
from studyportal.intake.enrolment.visitors import caller
from studyportal.intake.enrolment.whose import name_of
from studyportal.intake.today.afterwards import FollowUp, follow_ups
from studyportal.intake.today.same import fill, for_a_script, offered, place
from studyportal.protocol import Instrument, entry_dates, local_date, occasion, study_day
from studyportal.protocol.contacts import country_names
from studyportal.registry.entries import entry_for, last_on_demand, occasions_given
from studyportal.registry.messages import count_unread
from studyportal.registry.pauses import current_pause
from studyportal.web.access import visitor
from studyportal.web.answering.forms import diary_form
from studyportal.web.answering.sent import read_form
from studyportal.web.answering.standing import Standing, any_time, standings
from studyportal.web.answering.times import About, Times, check_window
from studyportal.web.fields import show_problems
from studyportal.web.here import here

diary = Blueprint("diary", __name__)


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
        at_clinic = waits_for_clinic(connection, found.enrolled)
        pause = current_pause(connection, found.enrolment, now=now)
    today = local_date(now, zone)
    listed = any_time(protocol, given, latest, start=start, zone=zone, now=now)
    asked = standings(protocol, given, start=start, zone=zone, now=now)
    after = follow_ups([one for one in listed if one.schedule.after], start=start, zone=zone, now=now)
    known = () if after is None else after
    return render_template(
        "intake/today.html",
        standings=asked,
        any_time=[one for one in listed if after is None or not one.schedule.after],
        follow_ups=[one for one in known if one.window.is_open(now)],
        coming=_coming(asked, known, now),
        now=now,
        has_left=found.enrolled.has_stopped,
        unread=unread,
        to_sign=to_sign,
        waits=waits(to_sign),
        waits_for_clinic=at_clinic,
        pause=pause,
        date=today,
        study_day=study_day(today, start),
        zone=zone,
    )


def _coming(asked: Sequence[Standing], after: Sequence[FollowUp], now: datetime) -> Sequence[tuple[str, datetime]]:
    """What comes next, and when, the soonest first."""
    found = [(one.instrument.title, one.following.opens) for one in asked if one.following]
    found += [(one.instrument.title, one.window.opens) for one in after if not one.window.is_open(now)]
    return sorted(found, key=lambda one: one[1])


@diary.get("/diary/<name>", defaults={"number": None})
@diary.get("/diary/<name>/<int:number>")
def ask(name: str, number: int | None) -> str | Response:
    """The form, empty, with an entry id and a blind of its own so that a double tap is one entry."""
    found, instrument, now = caller(), _instrument(name, number), clock.now()
    if found.enrolled.started_on is None:
        return redirect(url_for("consent.own"), 303)
    if found.enrolled.has_stopped:
        raise Gone(LEFT)
    if waiting := why_waiting(found.enrolled):
        return redirect(url_for("renewal.read" if waiting == TO_SIGN else "diary.today"), 303)
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
    hidden = blank(zone=found.enrolled.zone, follows=follows, version=here().protocol.study.version)
    return _page(instrument, number, _form(instrument, None), hidden, found, now)


@diary.post("/diary/<name>", defaults={"number": None})
@diary.post("/diary/<name>/<int:number>")
def answer(name: str, number: int | None) -> Response:
    """Keep the entry, or show the form again with what was typed and what to put right."""
    found, now = caller(), clock.now()
    filled = read_filled(request.form, zone=found.enrolled.zone)
    instrument = _instrument(name, number, filled.version)
    hidden = hidden_of(request.form, zone=found.enrolled.zone)
    if MORE_FIELD in request.form:
        return make_response(_page(instrument, number, _form(instrument, filled.answered), hidden, found, now))
    if SAME_FIELD in request.form:
        answered, day = fill(instrument, request.form[SAME_FIELD], filled.answered, now=now)
        return make_response(_page(instrument, number, _form(instrument, answered), hidden, found, now, taken_from=day))
    try:
        kept = _submit(filled, found, instrument, number, now)
    except Conflict as refusal:
        return _given_already(filled.id, found, name, number, refusal)
    except Invalid as refusal:
        form = _form(instrument, filled.answered)
        show_problems(form, refusal.problems or {"": refusal.sentence})
        return make_response(_page(instrument, number, form, hidden, found, now), 422)
    if not found.can_read:
        return _sent(kept, found, now)
    return redirect(url_for("course.entry", id=filled.id), 303)


def _sent(kept: Submitted, found: Caller, now: datetime) -> Response:
    """What a session that cannot read is told: that it came, and whom to call if the answers worry us. It is said now
    or never, because nothing here opens the entry again; loading the page anew sends the same entry and keeps
    nothing."""
    protocol, zone = here().protocol, found.enrolled.zone
    told = help_with(kept.entry, protocol, zone=zone, now=now)
    page = render_template(
        "intake/sent.html",
        title=protocol.version(kept.entry.protocol_version).instruments[kept.entry.instrument].title,
        receipt=kept.receipt,
        help=told,
        country=country_names().get(told.country, "") if told else "",
        zone=zone,
    )
    return make_response(page)


@diary.get("/diary/<name>/former")
def former(name: str) -> Response:
    """What a button of the form fills in, for a script: only when it was pressed."""
    instrument = here().protocol.instruments.get(name)
    if instrument is None or not instrument.in_diary:
        raise NotFound("There is no such page in the diary.")
    return jsonify(for_a_script(instrument, request.args.get("of", ""), now=clock.now()))


def _instrument(name: str, number: int | None, version: str | None = None) -> Instrument:
    """The questions of this page, in the words of the version that a form was drawn from."""
    protocol = here().protocol
    instrument = (protocol.version(version) if version else protocol).instruments.get(name)
    if instrument is None or not instrument.in_diary or instrument.on_demand != (number is None):
        raise NotFound("There is no such page in the diary.")
    return instrument


def _form(instrument: Instrument, answered: MultiDict[str, str] | None) -> BaseForm:
    return diary_form(instrument, answered, language=here().protocol.language)


def _submit(filled: Filled, found: Caller, instrument: Instrument, number: int | None, now: datetime) -> Submitted:
    sent = read_form(instrument, filled.answered)
    return submit(
        filled.id,
        found.enrolled,
        instrument.name,
        sent.answers,
        missing=sent.missing,
        follows=filled.follows,
        version=filled.version,
        occasion=number,
        times=Times(filled.zone),
        blind=filled.blind,
        protocol=here().protocol,
        signer=receipt_signer(),
        source="participant",
        check_times=True,
        waiting=why_waiting(found.enrolled),
        actor=Actor("intake", "participant", str(found.enrolment)),
        now=now,
    )


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


def _page(
    instrument: Instrument,
    number: int | None,
    form: BaseForm,
    hidden: Mapping[str, str],
    found: Caller,
    now: datetime,
    *,
    taken_from: date | None = None,
) -> str:
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
        whose=name_of(found.enrolment),
        version=hidden[VERSION_FIELD],
        aid=aid_offline(instrument, here().protocol, zone=zone),
        is_kept_page=False,
        same=place(form, instrument, offered(instrument)),
        taken_from=taken_from,
    )
