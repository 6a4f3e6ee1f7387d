"""Ask somebody who is signed in for a second factor again, then go on with what they were doing."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, session, url_for

from studyportal import clock
from studyportal.database import reading
from studyportal.errors import NotSignedIn
from studyportal.web.access import signed_in
from studyportal.web.here import here
from studyportal.web.sign_in import arriving, factors
from studyportal.web.sign_in.at_door import actor_of, demonstrated, door_of, set_cookie
from studyportal.web.sign_in.forms import StepUpForm
from studyportal.web.sign_in.interrupted import carried, target

# Everything else is of the form that is interrupted.
_OURS = frozenset({"csrf_token", "step_up_code", "step_up_answer"})


def step_up_page(pages: Blueprint, bind: str, *, home: str) -> None:
    """Add the page to the sign-in pages of a room."""

    @pages.route("/step-up", methods=["GET", "POST"])
    def step_up() -> Response:
        caller, form, now = signed_in(), StepUpForm(), clock.now()
        sent = request.method == "POST" and not _answers() or "sent" in request.args
        onward, act = target(request.args.get("next", ""), "POST" if sent else "GET", home)
        answer = request.form.get("step_up_answer")
        if _answers() and (answer or form.validate()):
            asked = session.pop("passkey", None)
            proof = arriving.Signed(asked, answer) if answer else arriving.Typed(form.step_up_code.data)
            try:
                token = arriving.show_again(
                    door_of(bind),
                    request.cookies.get(here().cookie, ""),
                    proof,
                    account=caller.id,
                    actor=actor_of(caller),
                    now=now,
                )
            except NotSignedIn as refusal:
                form.form_errors.append(refusal.sentence)
                form.step_up_code.data = ""  # a code that did not fit will never do
            else:
                response = redirect(onward, 307 if sent and act else 303)
                set_cookie(response, token)
                return response
        with reading(bind) as connection:
            kinds = {row.kind for row in factors.factors_of(connection, bind, caller.id)}
            shown = demonstrated(connection, bind, caller.id, now)
        page = render_template(
            "sign_in/step_up.html",
            form=form,
            kinds=kinds,
            demonstrated=shown,
            act=act,
            action=url_for("sign_in.step_up", next=onward, **({"sent": "yes"} if sent else {})),
            carried=carried(_OURS),
            home=url_for(home),
        )
        return make_response(page, 401 if form.form_errors else 422 if form.errors else 200)


def _answers() -> bool:
    """Whether this is the answer to the page, rather than the form that it interrupts."""
    return request.method == "POST" and ("step_up_code" in request.form or "step_up_answer" in request.form)
