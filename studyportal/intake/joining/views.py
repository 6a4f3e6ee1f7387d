"""The pages on the way in: the code on the paper or the link, the first questions, the six words."""

import secrets

from flask import Blueprint, Response, make_response, render_template, request, url_for

from studyportal import clock
from studyportal.database import reading
from studyportal.errors import Conflict, Gone, Invalid, NotFound
from studyportal.intake.enrolment import tries
from studyportal.intake.enrolment.actions import claimable_code, site_now
from studyportal.intake.enrolment.forms import JoinForm
from studyportal.intake.enrolment.offers import make_offer
from studyportal.intake.enrolment.places import way_by_link
from studyportal.intake.joining.asking import TICKET, Passed, ask, take
from studyportal.intake.joining.carrying import make_ticket, read_ticket
from studyportal.intake.joining.counting import count_look, count_screening
from studyportal.registry.adherence import site_name
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
        tries.count_try("enrolment", form.code.data, address=request.remote_addr, secret=secret, now=now)
        try:
            code, site = claimable_code(form.code.data, now=now)
        except (Invalid, Gone, Conflict) as refusal:
            show_problems(form, {"code": refusal.sentence})
        else:
            return _go_on(code, site)
    return make_response(render_template("intake/join.html", form=form), 422)


@joining.get("/join/c/<token>")
def link(token: str) -> str:
    """Where a campaign's link leads: what this is, and one button. Takes no place."""
    site = _site_of_link(token)
    with reading("registry") as connection:
        name = site_name(connection, site)
    return render_template("intake/join_link.html", token=token, site=name)


@joining.post("/join/c/<token>")
def follow_link(token: str) -> Response:
    """Go on from a link as from a code. A place is taken with the signature, not before."""
    tries.count_network(address=request.remote_addr, secret=here().settings.secret_key, now=clock.now())
    return _go_on(way_by_link(token), _site_of_link(token))


def _site_of_link(token: str) -> str:
    now = clock.now()
    try:
        return site_now(way_by_link(token[:64]), now=now)
    except NotFound:
        # Only who guesses is counted: behind one address there may be a whole waiting room.
        tries.count_network(address=request.remote_addr, secret=here().settings.secret_key, now=now)
        raise


def _go_on(way: str, site: str) -> Response:
    """To the first questions or, without any, to the words."""
    count_look(site, now=clock.now())
    if here().protocol.screening is None:
        return _words(way, site, None)
    ticket = make_ticket(way, site, secret=here().settings.secret_key)
    return make_response(ask(action=url_for("joining.screen"), ticket=ticket))


@joining.post("/join/screening")
def screen() -> Response:
    """Check the answers to the first questions; who may go on is shown their words."""
    ticket = request.form.get(TICKET, "")
    way, site = read_ticket(ticket, secret=here().settings.secret_key)
    note = count_screening(site, now=clock.now())
    passed = take(action=url_for("joining.screen"), ticket=ticket, note=note)
    if not isinstance(passed, Passed):
        return passed
    site_now(way, now=clock.now())
    return _words(way, site, passed)


def _words(way: str, site: str, passed: Passed | None) -> Response:
    """Show six fresh words and a participant code, once. Nothing is kept before consent is signed with them."""
    words, participant_code = generate_passphrase(), new_participant_code(site, secrets)
    page = render_template(
        "intake/words.html",
        words=words.split(),
        participant_code=participant_code,
        offer=make_offer(way, participant_code, words, secret=here().settings.secret_key),
        screening=passed.carry(whose=way) if passed else "",
        **(passed.told() if passed else {"help": None}),
    )
    return make_response(page)
