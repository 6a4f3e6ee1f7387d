"""The pages of passkeys: sign in with one, make one, remove one; and the page that asks for the six words before
reading."""

from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext
from wtforms import Form

from studyportal import clock
from studyportal.errors import Gone, Invalid, NotFound, NotSignedIn
from studyportal.intake.enrolment import passkeys as actions
from studyportal.intake.enrolment import sign_in as signing_in
from studyportal.intake.enrolment.forms import NewPasskeyForm, OpenForm, PasskeyForm, RemovePasskeyForm, SignInForm
from studyportal.intake.enrolment.sessions import NOT_REMEMBERED, REMEMBERED
from studyportal.intake.enrolment.views import enter, leave, set_cookie
from studyportal.intake.enrolment.visitors import caller
from studyportal.sealing.passphrase import Root
from studyportal.sealing.sessions import token_bytes
from studyportal.web.here import here
from studyportal.web.sign_in import passkeys as asking
from studyportal.web.sign_in.interrupted import carried, target
from studyportal.web.sign_in.passkeys import Party

passkeys = Blueprint("passkeys", __name__)

_OURS = frozenset({"csrf_token", "opening_words"})


def _party() -> Party:
    return Party(here().settings.host, here().settings.origin)


def _root(form: Form, field: str) -> Root | None:
    """What the words in this field yield; None, with a sentence at the field, if they are not the caller's."""
    try:
        return signing_in.recognise_again(
            caller(),
            form[field].data,
            address=request.remote_addr,
            secret=here().settings.secret_key,
            now=clock.now(),
        )
    except NotSignedIn as refusal:
        form[field].errors = [refusal.sentence]
        return None


# ── Signing in ─────────────────────────────────────────────────────────


@passkeys.post("/sign-in/passkey/challenge")
def ask() -> Response:
    """What the browser is asked: any passkey that it has for this place."""
    secret = here().settings.secret_key
    session["passkey"] = actions.ask(address=request.remote_addr, secret=secret, now=clock.now())
    return Response(asking.question(token_bytes(session["passkey"]), _party()), mimetype="application/json")


@passkeys.post("/sign-in/passkey")
def sign_in() -> Response:
    """Let in whoever's passkey has signed."""
    form = PasskeyForm(request.form)
    try:
        signed_in = actions.sign_in(
            session.pop("passkey", None),
            request.form.get("answer", ""),
            party=_party(),
            lasting=REMEMBERED if form.stay.data else NOT_REMEMBERED,
            address=request.remote_addr,
            secret=here().settings.secret_key,
            now=clock.now(),
        )
    except NotSignedIn as refusal:
        typed = SignInForm()
        typed.form_errors.append(refusal.sentence)
        return make_response(render_template("intake/sign_in.html", form=typed, passkey_form=form), 401)
    return enter(signed_in, remember=form.stay.data)


# ── Making and removing ────────────────────────────────────────────────


@passkeys.route("/passkeys/new", methods=["GET", "POST"])
def begin() -> Response:
    """Ask for the six words, and on what the passkey will be."""
    form = NewPasskeyForm(request.form)
    if request.method == "POST" and form.validate() and _root(form, "passphrase"):
        session["new_passkey"] = actions.begin(caller(), form.device.data, now=clock.now())
        return redirect(url_for("passkeys.make"), 303)
    return make_response(render_template("intake/new_passkey.html", form=form), 422 if form.errors else 200)


@passkeys.route("/passkeys/make", methods=["GET", "POST"])
def make() -> Response:
    """The button that makes it, and what the browser made."""
    said, token = "", session.get("new_passkey")
    try:
        if request.method == "POST":
            actions.add(caller(), token, request.form.get("answer", ""), party=_party(), now=clock.now())
            session.pop("new_passkey")
            flash(gettext("The passkey is added. Next time it signs you in."))
            return redirect(url_for("enrolment.sessions"), 303)
        actions.device_of(caller(), token, now=clock.now())
    except Gone as refusal:
        flash(refusal.sentence)
        return redirect(url_for("passkeys.begin"), 303)
    except Invalid as refusal:
        said = refusal.sentence
    return make_response(render_template("intake/make_passkey.html", said=said), 422 if said else 200)


@passkeys.post("/passkeys/make/challenge")
def request_for() -> Response:
    """What the browser is asked in order to make it."""
    asked = actions.request_for(caller(), session.get("new_passkey"), party=_party(), now=clock.now())
    return Response(asked, mimetype="application/json")


@passkeys.post("/passkeys/remove")
def remove() -> Response:
    """Ask for the six words, then take one away."""
    form = RemovePasskeyForm(request.form)
    try:
        id = UUID(form.passkey.data or "")
    except ValueError:
        raise NotFound("There is no such passkey.") from None
    if "passphrase" not in request.form:
        return make_response(render_template("intake/remove_passkey.html", form=form))
    if form.validate() and _root(form, "passphrase"):
        ended = actions.remove(caller(), id, now=clock.now())
        response = leave("enrolment.sign_in") if ended else redirect(url_for("enrolment.sessions"), 303)
        flash(gettext("The passkey is removed and signs nobody in any more. Delete it on its device, too."))
        return response
    return make_response(render_template("intake/remove_passkey.html", form=form), 422)


# ── Before reading ─────────────────────────────────────────────────────


@passkeys.route("/your-words", methods=["GET", "POST"])
def words() -> Response:
    """Ask for the six words once, then go on to where the person wanted to go."""
    form, answers = OpenForm(request.form), "opening_words" in request.form
    sent = (request.method == "POST" and not answers) or "sent" in request.args
    onward, _ = target(request.args.get("next", ""), "POST" if sent else "GET", "course.own")
    if request.method == "GET" and caller().can_read:
        return redirect(onward, 303)
    if answers and form.validate() and (root := _root(form, "opening_words")):
        opened = signing_in.open_session(caller(), root, study=here().protocol.study.code, now=clock.now())
        response = redirect(onward, 307 if sent else 303)
        lasts = int((opened.expires_at - clock.now()).total_seconds())
        set_cookie(response, opened.token, max_age=lasts if caller().is_remembered else None)
        return response
    page = render_template(
        "intake/words_first.html",
        form=form,
        action=url_for("passkeys.words", next=onward, **({"sent": "yes"} if sent else {})),
        carried=carried(_OURS),
    )
    return make_response(page, 422 if form.errors else 200)
