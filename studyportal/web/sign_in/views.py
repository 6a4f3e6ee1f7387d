"""The pages on which staff sign in, sign out and see where they are signed in."""

from collections.abc import Callable
from uuid import UUID

from flask import (
    Blueprint,
    Request,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)

from studyportal import clock
from studyportal.audit import Actor
from studyportal.database import reading, writing
from studyportal.errors import NotSignedIn
from studyportal.web.access import Visitor, signed_in, visitor
from studyportal.web.here import here
from studyportal.web.sign_in import actions, sessions
from studyportal.web.sign_in.forms import SignInForm
from studyportal.web.sign_in.passphrases import warm_up

# What the browser drops at sign-out. Not "cookies": that would reach every room under the same domain
# (w3.org/TR/clear-site-data); ours is deleted by name.
CLEAR = '"cache", "storage"'


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
        return Visitor(found.role, found.account, found.shown_name, found.site, found.id)

    return visitor_of


def actor_of(caller: Visitor) -> Actor:
    """The caller as the audit trail names them."""
    return Actor(here().name, caller.role, str(caller.id))


def sign_in_pages(bind: str, *, home: str) -> Blueprint:
    """The sign-in pages over the accounts of one database; `home` is the endpoint to which a sign-in leads."""
    warm_up()
    pages = Blueprint("sign_in", __name__)

    @pages.route("/sign-in", methods=["GET", "POST"])
    def sign_in() -> Response:
        if request.method == "GET" and visitor():
            return redirect(url_for(home), 303)
        form = SignInForm()
        if not form.validate_on_submit():
            return make_response(render_template("sign_in/sign_in.html", form=form), 422 if form.errors else 200)
        place = here()
        try:
            token = actions.sign_in(
                bind,
                room=place.name,
                name=form.name.data,
                passphrase=form.passphrase.data,
                address=request.remote_addr,
                old_token=request.cookies.get(place.cookie),
                secret=place.settings.secret_key,
                now=clock.now(),
            )
        except NotSignedIn as refusal:
            form.form_errors.append(refusal.sentence)
            return make_response(render_template("sign_in/sign_in.html", form=form), 401)
        session.clear()
        response = redirect(url_for(home), 303)
        _set_cookie(response, token)
        return response

    @pages.post("/sign-out")
    def sign_out() -> Response:
        caller = signed_in()
        actions.sign_out(bind, caller.session, account=caller.id, actor=actor_of(caller), now=clock.now())
        return _leave()

    @pages.get("/sessions")
    def list_sessions() -> str:
        caller = signed_in()
        with reading(bind) as connection:
            found = sessions.sessions_of(connection, bind, caller.id, now=clock.now())
        return render_template("sign_in/sessions.html", sessions=found, current=caller.session)

    @pages.post("/sessions/<uuid:id>/end")
    def end_session(id: UUID) -> Response:
        caller = signed_in()
        actions.sign_out(bind, id, account=caller.id, actor=actor_of(caller), now=clock.now())
        if id == caller.session:
            return _leave()
        flash("That session has ended.")
        return redirect(url_for("sign_in.list_sessions"), 303)

    return pages


def _leave() -> Response:
    session.clear()
    response = redirect(url_for("sign_in.sign_in"), 303)
    response.headers["Clear-Site-Data"] = CLEAR
    _set_cookie(response, "")
    return response


def _set_cookie(response: Response, token: str) -> None:
    """The sign-in cookie; an empty token takes it away."""
    age = None if token else 0
    response.set_cookie(here().cookie, token, max_age=age, secure=True, httponly=True, samesite="Strict", path="/")
