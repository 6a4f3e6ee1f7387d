"""The pages on which somebody leaves: what there is to choose, what it does, and a word typed to confirm."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from wtforms import StringField
from wtforms.form import BaseForm
from wtforms.validators import InputRequired

from studyportal import clock
from studyportal.database import reading
from studyportal.errors import NotFound
from studyportal.intake.enrolment.awaiting import study_signed
from studyportal.intake.enrolment.views import leave
from studyportal.intake.enrolment.visitors import caller
from studyportal.intake.withdrawal.actions import withdraw
from studyportal.intake.withdrawal.certificate import erasure
from studyportal.intake.withdrawal.consequences import Consequence, choices, instead, is_covered
from studyportal.protocol import ConsentForm, Scope
from studyportal.registry.consents import agreed_scopes, consent_records, still_counting, withdrawals_of
from studyportal.saying import said
from studyportal.web.fields import TypedWord
from studyportal.web.here import here
from studyportal.web.translating import in_words, tell

withdrawal = Blueprint("withdrawal", __name__)


@withdrawal.get("/leave")
def choose() -> str:
    """Each scope that was agreed to, what was done about it and what still can be; after an erasure, its certificate."""
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
    return _page(asked, strength, consequence, _form(consequence, None))


@withdrawal.post("/leave/<scope>/<strength>")
def confirm(scope: str, strength: str) -> Response:
    """Withdraw, once the word is typed."""
    agreed, asked, consequence = _choice(scope, strength)
    form = _form(consequence, request.form)
    if not form.validate():
        return make_response(_page(asked, strength, consequence, form), 422)
    withdraw(caller().enrolment, scope, strength, form=agreed, now=clock.now())
    if strength == "erase":
        return leave("withdrawal.gone")
    tell(said("Done. What you chose holds from this moment."))
    return redirect(url_for("withdrawal.choose"), 303)


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


def _form(consequence: Consequence, data: Mapping[str, str] | None) -> BaseForm:
    word = in_words(consequence.word)
    sentence = gettext("Type %(word)s to confirm.", word=word)
    made = BaseForm(
        {
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
