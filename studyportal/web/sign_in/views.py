"""The pages on which staff sign in, by two steps or by passkey, and sign out.

A step between two pages is held by a token in the form's cookie; what it stands for is in the database.
"""

from collections.abc import Callable

from flask import (
    Blueprint,
    Request,
    Response,
    flash,
    make_response,
    render_template,
    request,
    session,
)

from studyportal import clock
from studyportal.database import reading, writing
from studyportal.errors import Gone, NotSignedIn
from studyportal.sealing.sessions import token_bytes
from studyportal.web.access import Visitor, signed_in, visitor
from studyportal.web.here import here
from studyportal.web.sign_in import actions, arriving, factors, passkeys, sessions
from studyportal.web.sign_in.at_door import actor_of, demonstrated, door_of, enter, leave, led_to
from studyportal.web.sign_in.forms import CodeForm, SignInForm
from studyportal.web.sign_in.own_views import own_pages
from studyportal.web.sign_in.passphrases import warm_up
from studyportal.web.sign_in.step_up_views import step_up_page
from studyportal.web.sign_in.welcome_views import welcome_pages

__all__ = ["actor_of", "sign_in_pages", "staff_visitor"]


def staff_visitor(bind: str) -> Callable[[Request], Visitor | None]:
    """A `visitor_of` for `make_room`: who brings this room's sign-in cookie. Reads sessions of one database."""

    def visitor_of(request: Request) -> Visitor | None:
        token = request.cookies.get(here().cookie)
        if not token:
            return None
        now = clock.now()
        with reading(bind) as connection:
            found = sessions.live_session(connection, bind, token, now=now)
        if found is None:
            return None
        if now - found.last_seen_at > sessions.SEEN_EVERY:
            with writing(bind) as connection:
                sessions.mark_seen(connection, bind, found.id, now=now)
        return Visitor(found.role, found.account, found.shown_name, found.site, found.id, found.fresh_at)

    return visitor_of


def sign_in_pages(bind: str, *, home: str) -> Blueprint:
    """The sign-in pages over the accounts of one database; `home` is the endpoint to which a sign-in leads."""
    warm_up()
    pages = Blueprint("sign_in", __name__)

    @pages.route("/sign-in", methods=["GET", "POST"])
    def sign_in() -> Response:
        if request.method == "GET" and visitor():
            return led_to(home)
        form = SignInForm()
        if not form.validate_on_submit():
            return make_response(render_template("sign_in/sign_in.html", form=form), 422 if form.errors else 200)
        try:
            step = arriving.show_passphrase(
                door_of(bind), name=form.name.data, passphrase=form.passphrase.data, now=clock.now()
            )
        except NotSignedIn as refusal:
            form.form_errors.append(refusal.sentence)
            return make_response(render_template("sign_in/sign_in.html", form=form), 401)
        session["step"] = step
        return led_to("sign_in.second")

    @pages.route("/sign-in/second", methods=["GET", "POST"])
    def second() -> Response:
        form, door, step, now = CodeForm(), door_of(bind), session.get("step"), clock.now()
        answer = request.form.get("answer")
        try:
            if request.method == "POST" and (answer or form.validate()):
                asked = session.pop("passkey", None)
                proof = arriving.Signed(asked, answer) if answer else arriving.Typed(form.code.data)
                token = arriving.show_factor(door, step, proof, old_token=request.cookies.get(here().cookie), now=now)
                return enter(led_to(home), token)
            account = arriving.waiting_account(door, step, now=now)
        except NotSignedIn as refusal:
            form.form_errors.append(refusal.sentence)
            form.code.data = ""  # a code that did not fit will never do
            account = arriving.waiting_account(door, step, now=now)
        except Gone as refusal:
            flash(refusal.sentence)
            return led_to("sign_in.sign_in")
        with reading(bind) as connection:
            kinds = {row.kind for row in factors.factors_of(connection, bind, account)}
            shown = demonstrated(connection, bind, account, now)
        page = render_template("sign_in/second.html", form=form, kinds=kinds, demonstrated=shown)
        return make_response(page, 401 if form.form_errors else 422 if form.errors else 200)

    @pages.post("/sign-in/passkey/challenge")
    def ask_passkey() -> Response:
        door = door_of(bind)
        session["passkey"] = arriving.ask_for_passkey(door, now=clock.now())
        asked = passkeys.question(token_bytes(session["passkey"]), door.party)
        return Response(asked, mimetype="application/json")

    @pages.post("/sign-in/passkey")
    def passkey() -> Response:
        proof = arriving.Signed(session.pop("passkey", None), request.form.get("answer", ""))
        try:
            token = arriving.show_passkey(
                door_of(bind), proof, old_token=request.cookies.get(here().cookie), now=clock.now()
            )
        except NotSignedIn as refusal:
            form = SignInForm(formdata=None)
            form.form_errors.append(refusal.sentence)
            return make_response(render_template("sign_in/sign_in.html", form=form), 401)
        return enter(led_to(home), token)

    @pages.post("/sign-out")
    def sign_out() -> Response:
        caller = signed_in()
        actions.sign_out(bind, caller.session, account=caller.id, actor=actor_of(caller), now=clock.now())
        return leave()

    step_up_page(pages, bind, home=home)
    welcome_pages(pages, bind, home=home)
    own_pages(pages, bind)
    return pages
