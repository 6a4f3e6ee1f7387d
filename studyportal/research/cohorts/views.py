"""The cohort page: criteria, how many remain, tables; the same numbers as CSV; and the cohorts saved so far."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from uuid import UUID, uuid4

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from studyportal import clock
from studyportal.charts.theme import looks
from studyportal.database import reading, writing
from studyportal.errors import Conflict, Invalid, NotFound
from studyportal.research import plain_csv
from studyportal.research.access.project import granted_snapshot, project
from studyportal.research.cohorts.actions import save_cohort
from studyportal.research.cohorts.blocks import page, report
from studyportal.research.cohorts.criteria import read_criteria, saved_criteria
from studyportal.research.cohorts.forms import SaveForm, TextForm
from studyportal.research.cohorts.measures import Measure, first_look, measures
from studyportal.research.cohorts.opening import Ledger, charge
from studyportal.research.cohorts.pictures import left, picture
from studyportal.research.cohorts.request import TEXT, Asked, asked
from studyportal.research.cohorts.selection import attrition, selected
from studyportal.research.cohorts.tables import chosen_measures, table
from studyportal.research.cohorts.wording import read_text, written
from studyportal.research.disclosure import ProtectedTable
from studyportal.research.holdings import holdings
from studyportal.research.picture_files import picture_response
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.research.snapshot.variables import Variable
from studyportal.web.access import signed_in
from studyportal.web.sign_in.views import actor_of
from studyportal.workbench.cohorts import cohort, cohorts_of

pages = Blueprint("cohorts", __name__)

# What a picture is of that is of no measure: their names hold a point.
LEFT = "attrition"


def _page(question: Asked, form: SaveForm, text: TextForm | None = None) -> str:
    snapshot, blocks = question.snapshot, page(question.snapshot.number, question.criteria, question.measures)
    charge(snapshot, blocks)
    ledger = Ledger(snapshot, project().project)
    people = selected(snapshot, question.criteria)
    tables = [(measure, table(snapshot, people, measure)) for measure in question.measures]
    return render_template(
        "research/cohort.html",
        project=project(),
        snapshot=snapshot,
        newest=holdings().shelf.newest,
        asked=question,
        form=form,
        text=text or TextForm(criteria=written(question.criteria)),
        attrition=attrition(snapshot, question.criteria),
        results=[(measure, found, picture(measure, found)) for measure, found in tables],
        looks=looks(),
        ledger=ledger.price(blocks, now=clock.now()),
        report_price=ledger.price(report(snapshot, question.criteria), now=clock.now()),
        variables=[
            (one, _questions(many)) for one, many in groupby(snapshot.variables.values(), lambda v: v.instrument)
        ],
        known=[(one, [*many]) for one, many in groupby(question.known.values(), lambda m: m.instrument)],
    )


def _opened(question: Asked, *measures: Measure) -> Asked:
    """The same question, charged for these tables."""
    charge(question.snapshot, page(question.snapshot.number, question.criteria, measures))
    return question


def _questions(variables: Iterable[Variable]) -> list[tuple[str, list[Variable]]]:
    """Variables with the question that several of them share, or "" if it is one's own."""
    return [(question, [*many]) for question, many in groupby(variables, lambda v: v.item.question if v.item else "")]


@pages.get("/cohort")
def show() -> Response | str:
    """Criteria that were typed lead to the address that has them ticked; an empty address to a first look."""
    if not request.args:
        return redirect(url_for("project.cohorts.show", **_first_look(granted_snapshot(None), pinned=False).address()), 303)
    question, form = asked(other=frozenset({TEXT})), SaveForm(formdata=None)
    if TEXT not in request.args:
        return _page(question, form)
    text = TextForm(request.args)
    try:
        typed = read_text(text.criteria.data, question.snapshot.variables)
    except Invalid as refusal:
        text.criteria.errors = [refusal.sentence]
        return make_response(_page(question, form, text), 422)
    return redirect(url_for("project.cohorts.show", **replace(question, criteria=typed).address()), 303)


@pages.post("/cohort")
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
def attrition_file() -> Response:
    question = _opened(asked())
    return _csv(attrition(question.snapshot, question.criteria), "attrition")


@pages.get("/cohort/table.csv")
def table_file() -> Response:
    question = asked(other=frozenset({"of"}))
    wanted = _wanted(question, request.args.getlist("of"))
    people = selected(_opened(question, wanted).snapshot, question.criteria)
    return _csv(table(question.snapshot, people, wanted), wanted.name)


def _wanted(question: Asked, names: list[str]) -> Measure:
    """The one measure of this name."""
    wanted = chosen_measures(names, question.known)
    if len(wanted) != 1:
        raise NotFound("There is no such table.")
    return wanted[0]


@pages.get("/cohort/picture.<any(svg, png):kind>")
def picture_file(kind: str) -> Response:
    """A picture with its title, for a slide or a paper."""
    question = asked(other=frozenset({"of"}))
    names = request.args.getlist("of")
    if names == [LEFT]:
        chart = left(attrition(_opened(question).snapshot, question.criteria), title="People left after each criterion")
        return picture_response(chart, LEFT, kind)
    wanted = _wanted(question, names)
    people = selected(_opened(question, wanted).snapshot, question.criteria)
    return picture_response(picture(wanted, table(question.snapshot, people, wanted)), wanted.name, kind)


def _csv(found: ProtectedTable, name: str) -> Response:
    response = Response(plain_csv.written(found.lines()), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


@pages.get("/cohorts")
def saved() -> str:
    with reading("workbench") as connection:
        found = cohorts_of(connection, project().project)
    return render_template("research/cohorts.html", project=project(), cohorts=found)


@pages.get("/cohorts/<uuid:identifier>")
def open_saved(identifier: UUID) -> Response:
    """Lead to the cohort page, on the snapshot on which the cohort was made."""
    with reading("workbench") as connection:
        found = cohort(connection, project().project, identifier)
    snapshot = granted_snapshot(found["snapshot"])
    criteria = saved_criteria(found["criteria"], snapshot.variables)
    question = replace(_first_look(snapshot, pinned=True), criteria=criteria)
    return redirect(url_for("project.cohorts.show", **question.address()), 303)


def _first_look(snapshot: OpenedSnapshot, *, pinned: bool) -> Asked:
    """Everybody, and the tables with which one begins."""
    first = chosen_measures(first_look(snapshot.codebook), measures(snapshot.codebook))
    return Asked(snapshot, pinned=pinned, criteria=read_criteria([], snapshot.variables), measures=first)
