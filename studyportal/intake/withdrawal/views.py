"""The pages on which somebody leaves: what there is to choose, what it does, and a word typed to confirm."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from wtforms import StringField
from wtforms.form import BaseForm
from wtforms.validators import AnyOf, InputRequired

from studyportal import clock
from studyportal.database import reading
from studyportal.errors import Conflict, Invalid, NotFound
from studyportal.intake.enrolment.awaiting import study_signed
from studyportal.intake.enrolment.views import leave
from studyportal.intake.enrolment.visitors import caller
from studyportal.intake.withdrawal.actions import (
    CHOOSE_FIRST,
    CLOSED_FIRST,
    HANDED_OVER,
    WAITS,
    erase_at_once,
    withdraw,
)
from studyportal.intake.withdrawal.certificate import erasure
from studyportal.intake.withdrawal.consequences import Consequence, choices, instead, is_covered
from studyportal.protocol import ConsentForm, Scope
from studyportal.registry.alerts import has_open_alert
from studyportal.registry.consents import agreed_scopes, consent_records, still_counting, withdrawals_of
from studyportal.saying import said
from studyportal.web.fields import ChoiceField, TypedWord
from studyportal.web.here import here
from studyportal.web.translating import in_words, tell

withdrawal = Blueprint("withdrawal", __name__)


@withdrawal.get("/leave")
def choose() -> str:
    """Each scope that was agreed to, what was done about it and what still can be; after an erasure, its
    certificate."""
    found = caller()
    with reading("registry", enrolment=found.enrolment) as connection:
        agreed, done = _agreed(connection), withdrawals_of(connection, found.enrolment)
    form, counting = agreed.form, still_counting(done, agreed.at)
    taken = {(row.scope, row.strength): row for row in counting}
    return render_template(
        "intake/leave.html",
        scopes=[
            (
                scope,
                [
                    (strength, way, taken.get((scope.name, strength)))
                    for strength, way in choices(form, scope)
                    if (scope.name, strength) in taken or not is_covered(form, scope, strength, taken)
                ],
                instead(form, scope),
            )
            for scope in form.scopes.values()
            if scope.name in agreed.scopes
        ],
        erased=any(row.strength == "erase" for row in done),
        erasure=erasure(done),
        waits_until=max((row.waits_until for row in done if _waits(row, clock.now())), default=None),
        zone=found.enrolled.zone,
    )


@withdrawal.get("/leave/certificate")
def certificate() -> Response:
    """The signed paper of an erasure, as a file to keep."""
    with reading("registry", enrolment=caller().enrolment) as connection:
        found = erasure(withdrawals_of(connection, caller().enrolment))
    if found is None:
        raise NotFound("There is no certificate: nothing of yours was erased, or it is not done yet.")
    answer = Response(found.paper, content_type="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="erasure-certificate.json"'
    return answer


@withdrawal.get("/leave/<scope>/<strength>")
def explain(scope: str, strength: str) -> str:
    """What exactly will happen."""
    _, asked, consequence = _choice(scope, strength)
    return _page(asked, strength, consequence, _form(consequence, None, about_alert=_is_asked_about_alert(strength)))


@withdrawal.post("/leave/<scope>/<strength>")
def confirm(scope: str, strength: str) -> Response:
    """Withdraw, once the word is typed."""
    agreed, asked, consequence = _choice(scope, strength)
    about_alert = _is_asked_about_alert(strength)
    form = _form(consequence, request.form, about_alert=about_alert)
    if not form.validate():
        return make_response(_page(asked, strength, consequence, form), 422)
    chosen = form["alert"].data if about_alert else ""
    try:
        withdraw(caller().enrolment, scope, strength, form=agreed, now=clock.now(), alert=chosen)
    except Invalid:
        # An alert came up since: they are asked what becomes of it.
        form = _form(consequence, request.form, about_alert=True)
        form.validate()
        return make_response(_page(asked, strength, consequence, form), 422)
    if strength == "erase" and chosen != CLOSED_FIRST:
        return leave("withdrawal.gone")
    tell(said("Done. What you chose holds from this moment."))
    return redirect(url_for("withdrawal.choose"), 303)


@withdrawal.post("/leave/at-once")
def at_once() -> Response:
    """Wait no longer for the clinic."""
    try:
        erase_at_once(caller().enrolment, now=clock.now())
    except Conflict as refusal:
        tell(refusal.sentence)
        return redirect(url_for("withdrawal.choose"), 303)
    return leave("withdrawal.gone")


@withdrawal.get("/gone")
def gone() -> str:
    """What somebody sees who has just erased their answers."""
    return render_template("intake/gone.html")


class _Agreed(NamedTuple):
    """What somebody agreed to last: the form as they signed it, the scopes, and when."""

    form: ConsentForm
    scopes: tuple[str, ...]
    at: datetime


def _agreed(connection: sa.Connection) -> _Agreed:
    last = next(iter(consent_records(connection, caller().enrolment)), None)
    if last is None:
        return _Agreed(here().protocol.consent, (), clock.now())
    signed = study_signed(last.text_sha256) or here().protocol
    return _Agreed(signed.consent, agreed_scopes(last), last.agreed_at)


def _choice(scope: str, strength: str) -> tuple[ConsentForm, Scope, Consequence]:
    with reading("registry", enrolment=caller().enrolment) as connection:
        form = _agreed(connection).form
    asked = form.scopes.get(scope)
    offered = dict(choices(form, asked)) if asked else {}
    if asked is None or strength not in offered:
        raise NotFound("There is no such choice.")
    return form, asked, offered[strength]


def _waits(row: sa.Row, now: datetime) -> bool:
    return row.completed_at is None and row.waits_until is not None and row.waits_until > now


def _is_asked_about_alert(strength: str) -> bool:
    """Whether an alert is open that everything would be erased with."""
    if strength != "erase":
        return False
    with reading("registry", enrolment=caller().enrolment) as connection:
        return has_open_alert(connection, caller().enrolment)


# What becomes of an alert that is open, in the person's own words.
CLOSE_IT = said(
    "My clinic closes it first. Then everything is erased, after %(days)s days at the latest. I can have it erased sooner at any"
    " time.",
    days=WAITS.days,
)
HAND_IT_OVER = said(
    "Erase everything at once. My clinic keeps that there was an alert, how pressing it was, and that I left; nothing else."
)
ALERT_CHOICES = ((CLOSED_FIRST, CLOSE_IT), (HANDED_OVER, HAND_IT_OVER))


def _form(consequence: Consequence, data: Mapping[str, str] | None, *, about_alert: bool) -> BaseForm:
    word = in_words(consequence.word)
    sentence = gettext("Type %(word)s to confirm.", word=word)
    asked = ChoiceField(
        said("An answer of yours has raised an alert that your clinic has not closed. What shall become of it?"),
        choices=ALERT_CHOICES,
        validators=[InputRequired(CHOOSE_FIRST), AnyOf([CLOSED_FIRST, HANDED_OVER], message=CHOOSE_FIRST)],
    )
    made = BaseForm(
        ({"alert": asked} if about_alert else {})
        | {
            "word": StringField(
                sentence,
                validators=[InputRequired(sentence), TypedWord(word)],
                render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
            )
        }
    )
    made.process(data)
    return made


def _page(scope: Scope, strength: str, consequence: Consequence, form: BaseForm) -> str:
    return render_template(
        "intake/confirm_leave.html", scope=scope, strength=strength, consequence=consequence, form=form
    )
