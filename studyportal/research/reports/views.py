"""The pages of a project's reports: those asked for, one on its way, the paper itself."""

from uuid import UUID, uuid4

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from studyportal import clock
from studyportal.database import reading
from studyportal.research.access.project import project, still_approved
from studyportal.research.cohorts.blocks import report
from studyportal.research.cohorts.opening import REPORT, charge
from studyportal.research.cohorts.request import asked
from studyportal.research.reports.actions import Wish, ask_report, take_report
from studyportal.research.reports.naming import file_name, name_of
from studyportal.web.access import signed_in
from studyportal.web.sign_in.views import actor_of
from studyportal.workbench import reports

pages = Blueprint("reports", __name__)

# Seconds until the page of a report on its way asks again; without scripts, by a header.
AGAIN = 2


@pages.get("/reports")
def made() -> str:
    """Every report of the project, newest first."""
    with reading("workbench") as connection:
        found = reports.reports_of(connection, project().project)
    return render_template("research/reports.html", project=project(), reports=found)


@pages.post("/reports")
def ask() -> Response:
    """Ask for a report of the cohort that the address describes, as the cohort page's does."""
    question, caller, new = asked(), signed_in(), uuid4()
    charge(question, report(question.snapshot, question.criteria), about=REPORT)
    with reading("workbench") as connection:
        name = name_of(connection, project().project, question.criteria.canonical, question.snapshot.number)
    ask_report(
        new,
        Wish(name, question.snapshot.number, question.criteria.canonical, _size()),
        project=project().project,
        account=UUID(str(caller.id)),
        still=still_approved(),
        actor=actor_of(caller),
        now=clock.now(),
    )
    return redirect(url_for("project.reports.look", identifier=new), 303)


def _size() -> str:
    return "Letter" if request.form.get("size") == "Letter" else "A4"


@pages.get("/reports/<uuid:identifier>")
def look(identifier: UUID) -> Response:
    """How far a report is, or the paper to download."""
    with reading("workbench") as connection:
        found = reports.report(connection, project().project, identifier)
    is_open = not found["made_at"] and not found["given_up_at"]
    response = make_response(render_template("research/report.html", project=project(), report=found, is_open=is_open))
    if is_open:
        response.headers["Refresh"] = str(AGAIN)
    return response


@pages.get("/reports/<uuid:identifier>/report.pdf")
def paper(identifier: UUID) -> Response:
    """The paper."""
    pdf = take_report(
        identifier,
        project=project().project,
        still=still_approved(),
        actor=actor_of(signed_in()),
        now=clock.now(),
    )
    response = Response(pdf, content_type="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=file_name(identifier))
    return response
