"""The cohort page: who is in, what can be seen and what it costs, what was opened; and each of it as a file."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from studyportal import clock
from studyportal.charts.theme import looks
from studyportal.database import writing
from studyportal.errors import Conflict, Invalid, NotFound
from studyportal.research import plain_csv
from studyportal.research.access.project import granted_snapshot, project
from studyportal.research.cohorts.actions import save_cohort
from studyportal.research.cohorts.blocks import opening, report, results, steps, unopened
from studyportal.research.cohorts.catalogue import (
    SECTIONS,
    Result,
    catalogue,
    chosen_results,
    dividers,
    division,
)
from studyportal.research.cohorts.criteria import WITH, Criteria
from studyportal.research.cohorts.forms import SaveForm, TextForm
from studyportal.research.cohorts.measures import first_look as first_measures
from studyportal.research.cohorts.opening import REPORT, RESULTS, ask_address, charge, check_open, ledger_of
from studyportal.research.cohorts.pictures import left
from studyportal.research.cohorts.request import TEXT, Asked, asked
from studyportal.research.cohorts.selection import attrition
from studyportal.research.cohorts.showing import answer_now, cohort_of, sight
from studyportal.research.cohorts.wording import read_text, written
from studyportal.research.disclosure import ProtectedTable
from studyportal.research.disclosure.bins import BIN_NEEDS
from studyportal.research.holdings import holdings
from studyportal.research.picture_files import picture_response
from studyportal.research.results.cohort import Finding
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.research.snapshot.variables import Variable
from studyportal.web.access import signed_in
from studyportal.web.sign_in.views import actor_of

pages = Blueprint("cohorts", __name__)

# What a file is of that is of no result.
LEFT = "attrition"
EVERYBODY = Criteria()


def _page(question: Asked, form: SaveForm, text: TextForm | None = None) -> str:
    snapshot, variables = question.snapshot, question.snapshot.variables
    charge(question, steps(snapshot.number, question.criteria))
    ledger, now = ledger_of(snapshot), clock.now()
    found = attrition(snapshot, question.criteria)
    return render_template(
        "research/cohort.html",
        project=project(),
        snapshot=snapshot,
        newest=holdings().shelf.newest,
        asked=question,
        form=form,
        text=text or TextForm(criteria=written(question.criteria)),
        attrition=found,
        flow=left(found, title="Who is in, step by step"),
        sight=sight(question, ledger, now=now),
        looks=looks(),
        used=ledger.price([unopened(snapshot.number, question.criteria)], now=now).before,
        report_price=ledger.price(report(snapshot, question.criteria), now=now),
        ask_for={about: ask_address(question, about) for about in (RESULTS, REPORT)},
        variables=[(one, _questions(many)) for one, many in groupby(variables.values(), lambda v: v.instrument)],
        sections=sections(question.known),
        dividers=dividers(snapshot),
        bin_needs=BIN_NEEDS,
        between=WITH,
        once=[one for one in variables.values() if one.source == "once"],
    )


def tell_widened(criteria: Criteria) -> None:
    """Say on the next page which rules were widened: its address has whole bins already."""
    for one in criteria.widened:
        flash(one.words)


def sections(known: Mapping[str, Result]) -> list[tuple[str, list[tuple[str, list[Result]]]]]:
    """The results under their headings, and there by instrument; a heading with none is not there."""
    found = [(title, [one for one in known.values() if one.section == name]) for name, title in SECTIONS.items()]
    return [(title, _by_instrument(those)) for title, those in found if those]


def _by_instrument(those: Iterable[Result]) -> list[tuple[str, list[Result]]]:
    return [(name, [*many]) for name, many in groupby(those, lambda one: one.instrument)]


def _questions(variables: Iterable[Variable]) -> list[tuple[str, list[Variable]]]:
    """Variables with the question that several of them share, or "" if it is one's own."""
    return [(question, [*many]) for question, many in groupby(variables, lambda v: v.item.question if v.item else "")]


@pages.get("/cohort")
def show() -> Response | str:
    """Criteria that were typed lead to the address that has them ticked; an empty address to a first look."""
    if not request.args:
        return redirect(
            url_for("project.cohorts.show", **first_look(granted_snapshot(None), pinned=False).address()), 303
        )
    question, form = asked(other=frozenset({TEXT})), SaveForm(formdata=None)
    if TEXT not in request.args:
        return _page(question, form)
    text = TextForm(request.args)
    try:
        typed = read_text(text.criteria.data, question.snapshot)
    except Invalid as refusal:
        text.criteria.errors = [refusal.sentence]
        return make_response(_page(question, form, text), 422)
    tell_widened(typed)
    return redirect(url_for("project.cohorts.show", **replace(question, criteria=typed).address()), 303)


@pages.post("/cohort")
def save() -> Response:
    question, form, caller = asked(), SaveForm(), signed_in()
    if form.validate_on_submit():
        try:
            with writing("workbench") as connection:
                kept = save_cohort(
                    connection,
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
            return redirect(url_for("project.saved.look", identifier=kept), 303)
    return make_response(_page(question, form), 422)


@pages.get("/cohort/open")
def say_price() -> Response:
    """Lead to the cohort page, which says the price: nothing is opened by following an address."""
    return redirect(url_for("project.cohorts.show", **asked().address()), 303)


@pages.post("/cohort/open")
def open_results() -> Response:
    """Open what the address asks for, whose price was said; then it is there for good."""
    question = asked()
    charge(question, opening(question))
    answer_now(question, ledger_of(question.snapshot), now=clock.now())
    return redirect(url_for("project.cohorts.show", **question.address()), 303)


@pages.get("/cohort/attrition.csv")
def attrition_file() -> Response:
    question = asked()
    charge(question, steps(question.snapshot.number, question.criteria))
    return _csv(attrition(question.snapshot, question.criteria), LEFT)


@pages.get("/cohort/table.csv")
def table_file() -> Response:
    wanted, found = _wanted(asked(other=frozenset({"of", "part"})))
    return _csv(found.table, _file_name(wanted))


@pages.get("/cohort/picture.<any(svg, png):kind>")
def picture_file(kind: str) -> Response:
    """A picture with its title, for a slide or a paper; of a result with several, that of the number `part`."""
    question = asked(other=frozenset({"of", "part"}))
    if request.args.getlist("of") == [LEFT]:
        charge(question, steps(question.snapshot.number, question.criteria))
        chart = left(attrition(question.snapshot, question.criteria), title="People left after each criterion")
        return picture_response(chart, LEFT, kind)
    wanted, found = _wanted(question)
    part = request.args.get("part", "1")
    if not (part.isascii() and part.isdigit() and 1 <= int(part[:3]) <= len(found.pictures)):
        raise NotFound("There is no such picture.")
    name = _file_name(wanted) if part == "1" else f"{_file_name(wanted)}-{int(part[:3])}"
    return picture_response(found.pictures[int(part[:3]) - 1], name, kind)


def _wanted(question: Asked) -> tuple[Result, Finding]:
    """The one result that a file is of, if it was opened."""
    wanted = chosen_results(request.args.getlist("of"), question.known)
    if len(wanted) != 1:
        raise NotFound("There is no such table.")
    check_open(question.snapshot, results(question.snapshot.number, question.criteria, wanted, question.division))
    return wanted[0], wanted[0].make(cohort_of(question), question.division)


def _file_name(result: Result) -> str:
    return result.name.replace(":", "-")


def _csv(found: ProtectedTable, name: str) -> Response:
    response = Response(plain_csv.written(found.lines()), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def first_look(snapshot: OpenedSnapshot, *, pinned: bool, criteria: Criteria = EVERYBODY) -> Asked:
    """The results with which one begins, of everybody or by these criteria."""
    first = chosen_results(first_measures(snapshot.codebook), catalogue(snapshot.codebook))
    return Asked(snapshot, pinned=pinned, criteria=criteria, results=first, division=division("", (), snapshot))
