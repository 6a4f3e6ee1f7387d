"""The cohort page: criteria, how many remain, tables; the same numbers as CSV; and the cohorts saved so far."""

from itertools import groupby
from uuid import UUID, uuid4

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from studyportal import clock
from studyportal.database import reading, writing
from studyportal.errors import Conflict, NotFound
from studyportal.research import plain_csv
from studyportal.research.access.project import project
from studyportal.research.cohorts.actions import save_cohort
from studyportal.research.cohorts.criteria import saved_criteria
from studyportal.research.cohorts.forms import SaveForm
from studyportal.research.cohorts.measures import first_look, measures
from studyportal.research.cohorts.request import Asked, asked
from studyportal.research.cohorts.selection import attrition, selected
from studyportal.research.cohorts.tables import chosen_measures, table
from studyportal.research.disclosure import ProtectedTable
from studyportal.research.holdings import holdings
from studyportal.web.access import access, signed_in
from studyportal.web.sign_in.views import actor_of
from studyportal.workbench.cohorts import cohort, cohorts_of

pages = Blueprint("cohorts", __name__)


def _page(question: Asked, form: SaveForm) -> str:
    snapshot = question.snapshot
    people = selected(snapshot, question.criteria)
    return render_template(
        "research/cohort.html",
        project=project(),
        snapshot=snapshot,
        newest=holdings().shelf.newest,
        asked=question,
        form=form,
        attrition=attrition(snapshot, question.criteria),
        tables=[(measure, table(snapshot, people, measure)) for measure in question.measures],
        variables=[(one, [*many]) for one, many in groupby(snapshot.variables.values(), lambda v: v.instrument)],
        known=[(one, [*many]) for one, many in groupby(question.known.values(), lambda m: m.instrument)],
    )


@pages.get("/cohort")
@access("researcher")
def show() -> str:
    return _page(asked(), SaveForm(formdata=None))


@pages.post("/cohort")
@access("researcher")
def save() -> Response:
    question, form, caller = asked(), SaveForm(), signed_in()
    if form.validate_on_submit():
        try:
            with writing("workbench") as connection:
                save_cohort(
                    connection,
                    uuid4(),
                    project=project().project,
                    name=form.name.data,
                    criteria=question.criteria,
                    snapshot=question.snapshot.number,
                    account=UUID(str(caller.id)),
                    actor=actor_of(caller),
                    now=clock.now(),
                )
        except Conflict as refusal:
            form.name.errors = [refusal.sentence]
        else:
            flash("The cohort is saved. It stays with the snapshot on which it was made.")
            return redirect(url_for("project.cohorts.saved"), 303)
    return make_response(_page(question, form), 422)


@pages.get("/cohort/attrition.csv")
@access("researcher")
def attrition_file() -> Response:
    question = asked()
    return _csv(attrition(question.snapshot, question.criteria), "attrition")


@pages.get("/cohort/table.csv")
@access("researcher")
def table_file() -> Response:
    question = asked(other=frozenset({"of"}))
    wanted = chosen_measures(request.args.getlist("of"), question.known)
    if len(wanted) != 1:
        raise NotFound("There is no such table.")
    people = selected(question.snapshot, question.criteria)
    return _csv(table(question.snapshot, people, wanted[0]), wanted[0].name.replace(":", "-"))


def _csv(found: ProtectedTable, name: str) -> Response:
    response = Response(plain_csv.written(found.lines()), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


@pages.get("/cohorts")
@access("researcher")
def saved() -> str:
    with reading("workbench") as connection:
        found = cohorts_of(connection, project().project)
    return render_template("research/cohorts.html", project=project(), cohorts=found)


@pages.get("/cohorts/<uuid:identifier>")
@access("researcher")
def open_saved(identifier: UUID) -> Response:
    """Lead to the cohort page, on the snapshot on which the cohort was made."""
    with reading("workbench") as connection:
        found = cohort(connection, project().project, identifier)
    snapshot = holdings().shelf.opened(found["snapshot"])
    criteria = saved_criteria(found["criteria"], snapshot.variables)
    first = chosen_measures(first_look(snapshot.codebook), measures(snapshot.codebook))
    question = Asked(snapshot, pinned=True, criteria=criteria, measures=first)
    return redirect(url_for("project.cohorts.show", **question.address()), 303)
