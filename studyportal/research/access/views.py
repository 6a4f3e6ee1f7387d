"""The pages of a researcher's own projects and requests."""

from uuid import UUID, uuid4

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for

from studyportal import clock
from studyportal.database import reading, writing
from studyportal.errors import Conflict, Invalid
from studyportal.protocol.offering import by_instrument, offered_questions
from studyportal.research.access.actions import amend_request, ask_for_access, withdraw_request
from studyportal.research.access.forms import ApplicationForm, WithdrawForm
from studyportal.research.access.project import standing
from studyportal.research.holdings import holdings
from studyportal.web.access import signed_in
from studyportal.web.fields import show_problems
from studyportal.web.here import here
from studyportal.web.sign_in.views import actor_of
from studyportal.workbench.applications import applications_of, own_application, read_revision, state_of, wanted_of
from studyportal.workbench.grants import grants_of, history_of
from studyportal.workbench.levels import LEVELS

pages = Blueprint("access", __name__)

# How each state of a request is shown: kind of state, and words.
STATES = {
    "waiting": ("attention", "Waits for the data custodian"),
    "granted": ("good", "Approved"),
    "refused": ("neutral", "Refused"),
    "withdrawn": ("neutral", "Taken back by you"),
}


def _account() -> UUID:
    return UUID(str(signed_in().id))


@pages.get("/")
def projects() -> str:
    with reading("workbench") as connection:
        mine = standing(connection, account=_account(), holdings=holdings(), now=clock.now())
        asked = [(row, STATES[state_of(row)]) for row in applications_of(connection, _account())]
        reasons = {one.row.project: [*history_of(connection, one.row.project)][:1] for one in mine if one.closed}
    return render_template("research/projects.html", projects=mine, requests=asked, reasons=reasons)


def _ask_page(form: ApplicationForm, heading: str, back: str) -> Response:
    page = render_template("research/ask.html", form=form, heading=heading, back=back)
    return make_response(page, 422 if form.errors else 200)


@pages.route("/ask", methods=["GET", "POST"])
def ask() -> Response:
    known, application = offered_questions(here().protocol), uuid4()
    form = ApplicationForm(known)
    if form.validate_on_submit():
        try:
            with writing("workbench") as connection:
                ask_for_access(
                    connection,
                    application,
                    form.wanted,
                    known=known,
                    account=_account(),
                    actor=actor_of(signed_in()),
                    now=clock.now(),
                )
        except Invalid as refusal:
            show_problems(form, refusal.problems)
        else:
            flash("Your request is with the data custodian. You can change it until it is decided.")
            return redirect(url_for("access.look", id=application), 303)
    return _ask_page(form, "Ask for access", url_for("access.projects"))


@pages.get("/requests/<uuid:id>")
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


@pages.route("/requests/<uuid:id>/amend", methods=["GET", "POST"])
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
            return redirect(url_for("access.look", id=id), 303)
    return _ask_page(form, "Change your request", url_for("access.look", id=id))


@pages.post("/requests/<uuid:id>/withdraw")
def withdraw(id: UUID) -> Response:
    with writing("workbench") as connection:
        withdraw_request(connection, id, account=_account(), actor=actor_of(signed_in()), now=clock.now())
    flash("You took the request back. Nobody decides on it any more.")
    return redirect(url_for("access.projects"), 303)
