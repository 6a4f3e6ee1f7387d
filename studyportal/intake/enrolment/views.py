"""The pages on which somebody signs in and out, and sees where they are signed in."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, session, url_for

from studyportal import clock
from studyportal.database import reading
from studyportal.errors import NotFound, NotSignedIn
from studyportal.intake.enrolment import sign_in as actions
from studyportal.intake.enrolment.forms import PasskeyForm, SignInForm
from studyportal.intake.enrolment.passkeys import DEVICES
from studyportal.intake.enrolment.sessions import NOT_REMEMBERED, REMEMBERED
from studyportal.intake.enrolment.visitors import caller
from studyportal.registry.passkeys import passkeys_of
from studyportal.registry.sessions import open_sessions
from studyportal.saying import said
from studyportal.web.access import visitor
from studyportal.web.here import here
from studyportal.web.translating import tell

enrolment = Blueprint("enrolment", __name__)


@enrolment.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response:
    if request.method == "GET" and visitor():
        return redirect(url_for("diary.today"), 303)
    form, place, now = SignInForm(request.form), here(), clock.now()
    shown = {"form": form, "passkey_form": PasskeyForm()}
    if request.method == "GET" or not form.validate():
        return make_response(render_template("intake/sign_in.html", **shown), 422 if form.errors else 200)
    try:
        enrolled, root = actions.recognise(
            form.code.data,
            form.passphrase.data,
            address=request.remote_addr,
            secret=place.settings.secret_key,
            now=now,
        )
    except NotSignedIn as refusal:
        form.form_errors.append(refusal.sentence)
        return make_response(render_template("intake/sign_in.html", **shown), 401)
    lasting = REMEMBERED if form.remember.data else NOT_REMEMBERED
    signed_in = actions.start_session(enrolled, root, study=place.protocol.study.code, lasting=lasting, now=now)
    return enter(signed_in, remember=form.remember.data)


def enter(signed_in: actions.SignedIn, *, remember: bool) -> Response:
    """Lead somebody who has just signed in to what is due today; who was signed in here before is so no more."""
    if visitor() is not None:
        actions.end_session(caller().enrolment, caller().token_hash, now=clock.now())
    session.clear()
    response = redirect(url_for("diary.today"), 303)
    set_cookie(response, signed_in.token, max_age=int(REMEMBERED.total_seconds()) if remember else None)
    return response


def set_cookie(response: Response, token: str, *, max_age: int | None) -> None:
    """The sign-in cookie; without an age it goes when the browser closes."""
    response.set_cookie(here().cookie, token, max_age=max_age, secure=True, httponly=True, samesite="Strict", path="/")


def leave(endpoint: str) -> Response:
    """Lead somebody out: the cookie goes, and what the browser kept of the pages with it."""
    session.clear()
    response = redirect(url_for(endpoint), 303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    set_cookie(response, "", max_age=0)
    return response


@enrolment.post("/sign-out")
def sign_out() -> Response:
    found, now = caller(), clock.now()
    if device := _named(request.form.get("device", "")):
        actions.end_own_device(found.enrolment, device, now=now)
    actions.end_session(found.enrolment, found.token_hash, now=now)
    return leave("enrolment.sign_in")


def _named(text: str) -> bytes | None:
    """The token's hash under which a session or device is known; None for anything else."""
    try:
        return bytes.fromhex(text) or None
    except ValueError:
        return None


@enrolment.get("/sessions")
def sessions() -> str:
    found = caller()
    with reading("registry", enrolment=found.enrolment) as connection:
        rows = open_sessions(connection, found.enrolment, now=clock.now())
        passkeys = passkeys_of(connection, found.enrolment)
    return render_template("intake/sessions.html", sessions=rows, own=found, passkeys=passkeys, devices=DEVICES)


@enrolment.post("/sessions/end")
def end_session() -> Response:
    found = caller()
    name = _named(request.form.get("session", ""))
    if name is None:
        raise NotFound("There is no such session.")
    actions.end_session(found.enrolment, name, now=clock.now())
    if name == found.token_hash:
        return leave("enrolment.sign_in")
    tell(said("That one is signed out."))
    return redirect(url_for("enrolment.sessions"), 303)
