"""The pages of a researcher's own projects and requests."""

from uuid import UUID, uuid4

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for

from studyportal import clock
from studyportal.database import reading, writing
from studyportal.errors import Invalid
from studyportal.research.access.actions import ask_for_access
from studyportal.research.access.forms import ApplicationForm
from studyportal.research.access.project import standing
from studyportal.research.holdings import holdings
from studyportal.web.access import signed_in
from studyportal.web.fields import show_problems
from studyportal.web.sign_in.views import actor_of
from studyportal.workbench.applications import applications_of

pages = Blueprint("access", __name__)


@pages.get("/")
def projects() -> str:
    account = UUID(str(signed_in().id))
    with reading("workbench") as connection:
        mine = standing(connection, account=account, holdings=holdings(), now=clock.now())
        asked = applications_of(connection, account)
    return render_template("research/projects.html", projects=mine, applications=asked)


@pages.route("/ask", methods=["GET", "POST"])
def ask() -> Response:
    form, caller = ApplicationForm(), signed_in()
    if form.validate_on_submit():
        try:
            with writing("workbench") as connection:
                ask_for_access(
                    connection,
                    uuid4(),
                    account=UUID(str(caller.id)),
                    title=form.title.data,
                    purpose=form.purpose.data,
                    ethics_reference=form.ethics_reference.data,
                    wanted_until=form.wanted_until.data,
                    actor=actor_of(caller),
                    now=clock.now(),
                )
        except Invalid as refusal:
            show_problems(form, refusal.problems)
        else:
            flash("Your request is with the data custodian. Its state is shown below.")
            return redirect(url_for("access.projects"), 303)
    return make_response(render_template("research/ask.html", form=form), 422 if form.errors else 200)
