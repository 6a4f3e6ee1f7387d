"""One request of a researcher: read it, change it, take it back."""

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, url_for

from studyportal import clock
from studyportal.database import reading, writing
from studyportal.errors import Conflict, Invalid
from studyportal.protocol.offering import by_instrument, offered_questions
from studyportal.research.access.actions import amend_request, withdraw_request
from studyportal.research.access.forms import ApplicationForm, WithdrawForm
from studyportal.research.access.views import STATES, ask_page
from studyportal.web.access import signed_in
from studyportal.web.fields import show_problems
from studyportal.web.here import here
from studyportal.web.sign_in.views import actor_of
from studyportal.workbench.applications import own_application, read_revision, state_of, wanted_of
from studyportal.workbench.grants import grants_of
from studyportal.workbench.levels import LEVELS

pages = Blueprint("requests", __name__, url_prefix="/requests/<uuid:id>")


def _account() -> UUID:
    return UUID(str(signed_in().id))


@pages.get("/")
def look(id: UUID) -> str:
    known = offered_questions(here().protocol)
    with reading("workbench") as connection:
        row = own_application(connection, id, account=_account())
        grant = next((one for one in grants_of(connection, _account()) if one.application == id), None)
    wanted = wanted_of(row)
    return render_template(
        "research/request.html",
        row=row,
        wanted=wanted,
        state=state_of(row),
        shown=STATES[state_of(row)],
        asked=by_instrument(wanted.items, known),
        level=LEVELS[wanted.level],
        grant=grant,
        form=WithdrawForm(formdata=None),
    )


@pages.route("/amend", methods=["GET", "POST"])
def amend(id: UUID) -> Response:
    known = offered_questions(here().protocol)
    with reading("workbench") as connection:
        row = own_application(connection, id, account=_account())
    if state_of(row) != "waiting":
        raise Conflict("This request no longer waits, so it cannot be changed. Ask again instead.")
    wanted = wanted_of(row)
    now = {name: getattr(wanted, name) for name in wanted.__slots__} | {"revision": str(row["revision"])}
    form = ApplicationForm(known, data=now | {"items": list(wanted.items)})
    if form.validate_on_submit():
        try:
            with writing("workbench") as connection:
                amend_request(
                    connection,
                    id,
                    form.wanted,
                    revision=read_revision(form.revision.data),
                    known=known,
                    account=_account(),
                    actor=actor_of(signed_in()),
                    now=clock.now(),
                )
        except Invalid as refusal:
            show_problems(form, refusal.problems)
        else:
            flash("Your request is changed. The data custodian reads the new text.")
            return redirect(url_for("requests.look", id=id), 303)
    return ask_page(form, "Change your request", url_for("requests.look", id=id))


@pages.post("/withdraw")
def withdraw(id: UUID) -> Response:
    with writing("workbench") as connection:
        withdraw_request(connection, id, account=_account(), actor=actor_of(signed_in()), now=clock.now())
    flash("You took the request back. Nobody decides on it any more.")
    return redirect(url_for("access.projects"), 303)
