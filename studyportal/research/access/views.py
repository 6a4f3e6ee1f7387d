"""The pages of a researcher's own projects and requests."""

from uuid import UUID, uuid4

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for

from studyportal import clock
from studyportal.database import reading, writing
from studyportal.errors import Invalid
from studyportal.protocol.offering import offered_questions
from studyportal.research.access.actions import ask_for_access
from studyportal.research.access.forms import ApplicationForm
from studyportal.research.access.project import standing
from studyportal.research.holdings import holdings
from studyportal.web.access import signed_in
from studyportal.web.fields import show_problems
from studyportal.web.here import here
from studyportal.web.sign_in.views import actor_of
from studyportal.workbench.applications import applications_of, state_of
from studyportal.workbench.grants import history_of

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
    titles = {row.id: row.title for row, _ in asked}
    return render_template("research/projects.html", projects=mine, requests=asked, reasons=reasons, titles=titles)


def ask_page(form: ApplicationForm, heading: str, back: str) -> Response:
    """The form of a request, new or changed."""
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
            return redirect(url_for("requests.look", id=application), 303)
    return ask_page(form, "Ask for access", url_for("access.projects"))
