"""The page on which somebody puts an entry of theirs right, with a reason. What they wrote first stays, and they see
both."""

from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from wtforms import TextAreaField
from wtforms.form import BaseForm

from studyportal import clock
from studyportal.audit import Actor
from studyportal.errors import Conflict, Gone, Invalid, NotFound
from studyportal.intake.course.opening import OwnEntry, instrument_of, own_entries, own_entry, own_key
from studyportal.intake.diary.amending import LONGEST_REASON, NOT_YOURS, Before, amend
from studyportal.intake.diary.filled import MORE_FIELD, Filled, blank, hidden_of, read_filled
from studyportal.intake.diary.signing import receipt_signer
from studyportal.intake.diary.submission import LEFT
from studyportal.intake.enrolment.awaiting import why_waiting
from studyportal.intake.enrolment.visitors import caller, session_token
from studyportal.protocol import Instrument
from studyportal.protocol.correcting import superseded
from studyportal.saying import said
from studyportal.web.answering.filling import filled_fields
from studyportal.web.answering.forms import diary_form
from studyportal.web.answering.sent import read_form
from studyportal.web.fields import show_problems
from studyportal.web.here import here

correcting = Blueprint("correcting", __name__)

REASON_FIELD = "reason-for-change"
CORRECTED_ALREADY = said("This entry has been corrected already. Open the correction, and put that right.")


class _Reason(BaseForm):
    """Why; apart from the questions, whose names are the study's."""

    def __init__(self, text: str = "") -> None:
        field = TextAreaField(
            said("What was wrong?"),
            description=said("A few words, such as: I tapped the wrong number. Your clinic sees them."),
            render_kw={"maxlength": LONGEST_REASON},
        )
        super().__init__({REASON_FIELD: field})
        self.process(None, data={REASON_FIELD: text})


@correcting.get("/entries/<uuid:id>/correct")
def ask(id: UUID) -> str:
    """The form with what was written."""
    own, instrument = _correctable(id)
    _check_first(own)
    hidden = blank(zone=own.entry.zone, follows="", version=own.entry.protocol_version)  # type: ignore[union-attr]
    fields = filled_fields(instrument, own.entry.answers, own.entry.missing)  # type: ignore[union-attr]
    return _page(own, instrument, diary_form(instrument, fields, language=here().protocol.language), _Reason(), hidden)


@correcting.post("/entries/<uuid:id>/correct")
def correct(id: UUID) -> Response:
    """Keep the correction, or show the form again with what to put right."""
    found, now = caller(), clock.now()
    own, instrument = _correctable(id)
    filled, why = read_filled(request.form, zone=found.enrolled.zone), request.form.get(REASON_FIELD, "")
    _check_first(own, by=filled)
    filled.answered.poplist(REASON_FIELD)
    hidden = hidden_of(request.form, zone=found.enrolled.zone)
    form, reason = diary_form(instrument, filled.answered, language=here().protocol.language), _Reason(why)
    if MORE_FIELD in request.form:
        return make_response(_page(own, instrument, form, reason, hidden))
    try:
        sent = read_form(instrument, filled.answered)
        amend(
            filled.id,
            found.enrolled,
            Before(own.id, own.entry, own.received_at),  # type: ignore[arg-type]
            sent.answers,
            missing=sent.missing,
            reason=why,
            blind=filled.blind,
            protocol=here().protocol,
            signer=receipt_signer(),
            waiting=why_waiting(found.enrolled),
            actor=Actor("intake", "participant", str(found.enrolment)),
            now=now,
        )
    except Invalid as refusal:
        problems = dict(refusal.problems) or {"": refusal.sentence}
        if "reason" in problems:
            show_problems(reason, {REASON_FIELD: problems.pop("reason")})
        show_problems(form, problems)
        return make_response(_page(own, instrument, form, reason, hidden), 422)
    return redirect(url_for("course.entry", id=filled.id), 303)


def _correctable(id: UUID) -> tuple[OwnEntry, Instrument]:
    """The entry and its questions. Raises `NotFound` or `Gone` for one that cannot be corrected."""
    found, protocol = caller(), here().protocol
    key = own_key(found, session_token(request), study=protocol.study.code)
    own = own_entry(found, key, id, protocol=protocol)
    instrument = instrument_of(own.entry, protocol) if own.entry else None
    if instrument is None or not instrument.in_diary or own.entry.source != "participant":  # type: ignore[union-attr]
        raise NotFound(NOT_YOURS)
    if found.enrolled.has_stopped:
        raise Gone(LEFT)
    return own, instrument


def _check_first(own: OwnEntry, *, by: Filled | None = None) -> None:
    """Raise `Conflict` for an entry that was corrected: by another one than `by`, which may come again."""
    found, protocol = caller(), here().protocol
    key = own_key(found, session_token(request), study=protocol.study.code)
    others = [one for one in own_entries(found, key, protocol=protocol) if by is None or one.id != by.id]
    if str(own.id) in superseded(one.came for one in others):
        raise Conflict(CORRECTED_ALREADY)


def _page(own: OwnEntry, instrument: Instrument, form: BaseForm, reason: BaseForm, hidden) -> str:  # type: ignore[no-untyped-def]
    return render_template(
        "intake/correct.html",
        id=own.id,
        received_at=own.received_at,
        instrument=instrument,
        form=form,
        reason=reason,
        hidden=hidden,
        zone=caller().enrolled.zone,
    )
