"""The pages of an invitation: passphrase, second factor, recovery codes. Its token is never part of an address."""

from flask import Blueprint, Response, flash, make_response, render_template, request, session, url_for

from studyportal import clock
from studyportal.database import reading, writing
from studyportal.errors import Gone, Invalid
from studyportal.sealing.sessions import token_bytes
from studyportal.web.here import here
from studyportal.web.sign_in import challenges, factors, passkeys, totp, welcome
from studyportal.web.sign_in.at_door import demonstrated_of, door_of, enter, led_to, own_words
from studyportal.web.sign_in.forms import AppForm, WelcomeForm


def welcome_pages(pages: Blueprint, bind: str, *, home: str) -> None:
    """Add the pages to the sign-in pages of a room."""

    @pages.route("/welcome", methods=["GET", "POST"], endpoint="welcome")
    def begin() -> Response:
        form = WelcomeForm()
        if form.validate_on_submit():
            try:
                session["step"] = welcome.choose_passphrase(
                    door_of(bind),
                    form.invitation.data,
                    form.passphrase.data,
                    own_words=own_words(),
                    now=clock.now(),
                )
                return led_to("sign_in.welcome_factor")
            except Invalid as unfit:
                for name, sentence in unfit.problems.items():
                    form[name].errors = [sentence]
        return make_response(render_template("sign_in/welcome.html", form=form), 422 if form.errors else 200)

    @pages.route("/welcome/factor", methods=["GET", "POST"])
    def welcome_factor() -> Response:
        form, door, step, now = AppForm(), door_of(bind), session.get("step"), clock.now()
        answer = request.form.get("answer")
        try:
            person = welcome.newcomer(door, step, now=now)
            if request.method == "POST" and answer:
                begun = welcome.begin_with_passkey(door, step, session.pop("passkey", None), answer, now=now)
                return _shown(begun)
            if form.validate_on_submit():
                return _shown(welcome.begin_with_app(door, step, form.code.data, now=now))
        except Gone as refusal:
            flash(refusal.sentence)
            return led_to("sign_in.sign_in")
        except Invalid as unfit:
            _say(form, unfit)
        address = totp.app_address(
            person.secret, name=person.name, issuer=f"{here().protocol.study.code} {here().title}"
        )
        page = render_template(
            "sign_in/welcome_factor.html",
            form=form,
            person=person,
            picture=totp.picture(address),
            demonstrated=demonstrated_of(person.secret, now),
        )
        return make_response(page, 422 if form.errors or form.form_errors else 200)

    @pages.post("/welcome/passkey")
    def welcome_passkey() -> Response:
        door, now = door_of(bind), clock.now()
        person = welcome.newcomer(door, session.get("step"), now=now)
        return asked_for_new(bind, person.account, person.name)

    def _shown(begun: welcome.Begun) -> Response:
        page = render_template("sign_in/codes.html", codes=begun.codes, onward=url_for(home), first=True)
        return enter(make_response(page), begun.token)


def asked_for_new(bind: str, account: object, name: str) -> Response:
    """Begin the making of a passkey; what the browser is asked."""
    door, now = door_of(bind), clock.now()
    with writing(bind) as connection:
        token = challenges.begin(connection, bind, "new_passkey", account=account, room_key=door.room_key, now=now)
    with reading(bind) as connection:
        known = [row.credential for row in factors.factors_of(connection, bind, account) if row.kind == "passkey"]
    session["passkey"] = token
    place = f"{here().protocol.study.title}: {here().title}"
    asked = passkeys.request_for_new(
        token_bytes(token), door.party, handle=account, name=name, place=place, known=known
    )
    return Response(asked, mimetype="application/json")


def _say(form: AppForm, unfit: Invalid) -> None:
    """Put a refusal at its field, or at the top."""
    for name, sentence in unfit.problems.items():
        form[name].errors = [sentence]
    if not unfit.problems:
        form.form_errors.append(unfit.sentence)
