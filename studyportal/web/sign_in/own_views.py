"""The page of one's own sign-in: factors, recovery codes, passphrase, and where one is signed in."""

from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, session, url_for

from studyportal import clock
from studyportal.database import reading
from studyportal.errors import Gone, Invalid, NotFound
from studyportal.web.access import signed_in
from studyportal.web.here import here
from studyportal.web.sign_in import actions, factors, own, recovery, sessions, totp
from studyportal.web.sign_in.at_door import actor_of, demonstrated_of, door_of, leave, led_to, own_words
from studyportal.web.sign_in.forms import NamedAppForm, NameForm, NewPassphrase
from studyportal.web.sign_in.tables import HOW
from studyportal.web.sign_in.welcome_views import asked_for_new

_REMOVED = "It is removed and signs nobody in any more."


def own_pages(pages: Blueprint, bind: str) -> None:
    """Add the pages to the sign-in pages of a room."""

    @pages.get("/your-sign-in", endpoint="own")
    def look() -> str:
        caller = signed_in()
        with reading(bind) as connection:
            mine = factors.factors_of(connection, bind, caller.id)
            left = recovery.codes_left(connection, bind, caller.id)
            live = len(sessions.sessions_of(connection, bind, caller.id, now=clock.now()))
        return render_template("sign_in/own.html", factors=mine, kinds=factors.KINDS, left=left, live=live)

    @pages.route("/your-sign-in/app", methods=["GET", "POST"])
    def add_app() -> Response:
        caller, form, door, now = signed_in(), NamedAppForm(), door_of(bind), clock.now()
        if form.validate_on_submit():
            try:
                name = _one_line(form.name.data)
                mine = {"name": name, "account": caller.id, "actor": actor_of(caller), "now": now}
                own.add_app(door, session.get("new"), form.code.data, **mine)
                session.pop("new", None)
                flash("The authenticator app is added.")
                return led_to("sign_in.own")
            except Gone as refusal:
                form.form_errors.append(refusal.sentence)
            except Invalid as unfit:
                form.code.errors = list(unfit.problems.values())
        offered = own.offer_app(door, account=caller.id, step=session.get("new"), now=now)
        session["new"] = offered.step
        issuer = f"{here().protocol.study.code} {here().title}"
        page = render_template(
            "sign_in/add_app.html",
            form=form,
            secret=offered.secret,
            picture=totp.picture(totp.app_address(offered.secret, name=caller.name, issuer=issuer)),
            demonstrated=demonstrated_of(offered.secret, now),
        )
        return make_response(page, 422 if form.errors or form.form_errors else 200)

    @pages.route("/your-sign-in/passkey", methods=["GET", "POST"])
    def add_passkey() -> Response:
        caller, form = signed_in(), NameForm()
        if form.validate_on_submit():
            try:
                own.add_passkey(
                    door_of(bind),
                    session.pop("passkey", None),
                    request.form.get("answer", ""),
                    name=_one_line(form.name.data),
                    account=caller.id,
                    actor=actor_of(caller),
                    now=clock.now(),
                )
                flash("The passkey is added.")
                return led_to("sign_in.own")
            except Invalid as unfit:
                form.form_errors.append(unfit.sentence)
        page = render_template("sign_in/add_passkey.html", form=form)
        return make_response(page, 422 if form.errors or form.form_errors else 200)

    @pages.post("/your-sign-in/passkey/challenge")
    def new_passkey() -> Response:
        caller = signed_in()
        return asked_for_new(bind, caller.id, caller.name)

    @pages.route("/your-sign-in/factors/<uuid:id>", methods=["GET", "POST"])
    def rename_factor(id: UUID) -> Response:
        caller, form = signed_in(), NameForm()
        with reading(bind) as connection:
            mine = {row.id: row for row in factors.factors_of(connection, bind, caller.id)}
        if id not in mine:
            raise NotFound("There is no such factor.")
        if form.validate_on_submit():
            name = _one_line(form.name.data) or factors.KINDS[mine[id].kind]
            own.rename_factor(bind, id, name, account=caller.id, actor=actor_of(caller), now=clock.now())
            return led_to("sign_in.own")
        if request.method == "GET":
            form.name.data = mine[id].name
        page = render_template(
            "sign_in/factor.html", form=form, factor=mine[id], last=len(mine) == 1, kinds=factors.KINDS
        )
        return make_response(page, 422 if form.errors else 200)

    @pages.post("/your-sign-in/factors/<uuid:id>/remove")
    def remove_factor(id: UUID) -> Response:
        caller = signed_in()
        ended = own.remove_factor(bind, id, account=caller.id, actor=actor_of(caller), now=clock.now())
        if caller.session in ended:
            response = leave()
            flash(f"{_REMOVED} You had signed in with it, so you are signed out here, too.")
            return response
        flash(_REMOVED)
        return led_to("sign_in.own")

    @pages.post("/your-sign-in/codes")
    def renew_codes() -> str:
        caller = signed_in()
        codes = own.renew_codes(door_of(bind), account=caller.id, actor=actor_of(caller), now=clock.now())
        return render_template("sign_in/codes.html", codes=codes, onward=url_for("sign_in.own"), first=False)

    @pages.route("/your-sign-in/passphrase", methods=["GET", "POST"])
    def change_passphrase() -> Response:
        caller, form = signed_in(), NewPassphrase()
        if form.validate_on_submit():
            try:
                own.change_passphrase(
                    bind,
                    form.passphrase.data,
                    own_words=[*own_words(), caller.name],
                    session=caller.session,
                    account=caller.id,
                    actor=actor_of(caller),
                    now=clock.now(),
                )
                flash("Your passphrase is changed. You are signed out everywhere else.")
                return led_to("sign_in.own")
            except Invalid as unfit:
                form.passphrase.errors = [unfit.sentence]
        return make_response(render_template("sign_in/passphrase.html", form=form), 422 if form.errors else 200)

    @pages.get("/sessions")
    def list_sessions() -> str:
        caller = signed_in()
        with reading(bind) as connection:
            found = sessions.sessions_of(connection, bind, caller.id, now=clock.now())
        return render_template("sign_in/sessions.html", sessions=found, current=caller.session, how=HOW)

    @pages.post("/sessions/<uuid:id>/end")
    def end_session(id: UUID) -> Response:
        caller = signed_in()
        actions.sign_out(bind, id, account=caller.id, actor=actor_of(caller), now=clock.now())
        if id == caller.session:
            return leave()
        flash("That session has ended.")
        return redirect(url_for("sign_in.list_sessions"), 303)

    @pages.post("/sessions/end")
    def end_sessions() -> Response:
        caller = signed_in()
        actions.sign_out_everywhere(bind, account=caller.id, actor=actor_of(caller), now=clock.now())
        return leave()


def _one_line(name: str | None) -> str:
    """A name as it is kept: printable, one line."""
    return " ".join("".join(one if one.isprintable() else " " for one in name or "").split())
