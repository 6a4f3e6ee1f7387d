"""The pages on the way in: the code on the paper, the first questions, the six words."""

import secrets

from flask import Blueprint, Response, make_response, render_template, request, url_for

from studyportal import clock
from studyportal.errors import Conflict, Gone, Invalid
from studyportal.intake.enrolment import sign_in
from studyportal.intake.enrolment.actions import claimable_code
from studyportal.intake.enrolment.forms import JoinForm
from studyportal.intake.enrolment.offers import make_offer
from studyportal.intake.joining.asking import TICKET, Passed, ask, take
from studyportal.intake.joining.carrying import make_ticket, read_ticket
from studyportal.registry.codes import new_participant_code
from studyportal.sealing.passphrase import generate_passphrase
from studyportal.web.fields import show_problems
from studyportal.web.here import here

joining = Blueprint("joining", __name__)


@joining.get("/join")
def join() -> str:
    return render_template("intake/join.html", form=JoinForm())


@joining.post("/join")
def take_code() -> Response:
    """Look whether the code is good, and go on to the first questions or, without any, to the words."""
    form, now, secret = JoinForm(request.form), clock.now(), here().settings.secret_key
    if form.validate():
        sign_in.count_try("enrolment", form.code.data, address=request.remote_addr, secret=secret, now=now)
        try:
            code, site = claimable_code(form.code.data, now=now)
        except (Invalid, Gone, Conflict) as refusal:
            show_problems(form, {"code": refusal.sentence})
        else:
            if here().protocol.screening is None:
                return _words(code, site, None)
            return make_response(ask(action=url_for("joining.screen"), ticket=make_ticket(code, site, secret=secret)))
    return make_response(render_template("intake/join.html", form=form), 422)


@joining.post("/join/screening")
def screen() -> Response:
    """Check the answers to the first questions; who may go on is shown their words."""
    ticket = request.form.get(TICKET, "")
    code, site = read_ticket(ticket, secret=here().settings.secret_key)
    passed = take(action=url_for("joining.screen"), ticket=ticket)
    if not isinstance(passed, Passed):
        return passed
    claimable_code(code, now=clock.now())
    return _words(code, site, passed)


def _words(code: str, site: str, passed: Passed | None) -> Response:
    """Show six fresh words and a participant code, once. Nothing is kept before consent is signed with them."""
    words, participant_code = generate_passphrase(), new_participant_code(site, secrets)
    page = render_template(
        "intake/words.html",
        words=words.split(),
        participant_code=participant_code,
        offer=make_offer(code, participant_code, words, secret=here().settings.secret_key),
        screening=passed.carry(whose=code) if passed else "",
        **(passed.told() if passed else {"help": None}),
    )
    return make_response(page)
