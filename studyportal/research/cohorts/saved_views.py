"""The cohorts of a project: the list, one of them as it is cited, and two of them side by side."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for

from studyportal import clock
from studyportal.charts.theme import looks
from studyportal.database import reading
from studyportal.errors import Invalid, NotFound
from studyportal.research.access.project import granted_snapshot, project
from studyportal.research.cohorts.blocks import opening, steps
from studyportal.research.cohorts.catalogue import Result, dividers
from studyportal.research.cohorts.criteria import Criteria, saved_criteria
from studyportal.research.cohorts.opening import RESULTS, ask_address, charge, ledger_of
from studyportal.research.cohorts.request import SEEN, Asked, seen
from studyportal.research.cohorts.selection import attrition
from studyportal.research.cohorts.showing import Sight, answer_now, sight
from studyportal.research.cohorts.views import first_look, sections, tell_widened
from studyportal.research.cohorts.wording import written
from studyportal.research.disclosure import ProtectedTable
from studyportal.research.holdings import holdings
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.workbench.cohorts import cited, cohort, cohorts_of

pages = Blueprint("saved", __name__)


@dataclass(frozen=True)
class Saved:
    """A saved cohort on the snapshot on which it was made."""

    row: Mapping[str, Any]
    snapshot: OpenedSnapshot
    criteria: Criteria

    @property
    def id(self) -> str:
        return cited(self.row)

    @property
    def words(self) -> str:
        return "; ".join(self.criteria.words) or "Everybody who shares"

    @property
    def citation(self) -> str:
        """What a paper says of it."""
        book = self.snapshot.codebook
        return (
            f"{book.title} ({book.code}), project {self.row['project']}, cohort {self.id}, snapshot {self.snapshot.number} of "
            f"{self.snapshot.published_at:%-d %B %Y}: {self.words}."
        )


def _saved(identifier: UUID) -> Saved:
    with reading("workbench") as connection:
        row = cohort(connection, project().project, identifier)
    snapshot = granted_snapshot(row["snapshot"])
    return Saved(row, snapshot, saved_criteria(row["criteria"], snapshot))


@pages.get("/cohorts")
def every() -> str:
    """Every cohort of the project, each version by itself."""
    with reading("workbench") as connection:
        found = cohorts_of(connection, project().project)
    return render_template("research/cohorts.html", project=project(), cohorts=[(one, cited(one)) for one in found])


@pages.get("/cohorts/<uuid:identifier>")
def look(identifier: UUID) -> str:
    """One cohort: how it is cited, its other versions, and where to go from here."""
    found = _saved(identifier)
    with reading("workbench") as connection:
        others = [one for one in cohorts_of(connection, project().project) if one["id"] != identifier]
    return render_template(
        "research/saved_cohort.html",
        project=project(),
        snapshot=found.snapshot,
        latest=holdings().shelf.newest,
        saved=found,
        text=written(found.criteria),
        versions=[(one, cited(one)) for one in others if one["number"] == found.row["number"]],
        others=[(one, cited(one)) for one in others],
    )


@pages.get("/cohorts/<uuid:identifier>/open")
def open_saved(identifier: UUID) -> Response:
    """Lead to the cohort page, on the snapshot on which the cohort was made, or on the newest."""
    found = _saved(identifier)
    on_newest = request.args.get("on") == "newest"
    snapshot = granted_snapshot(None) if on_newest else found.snapshot
    criteria = saved_criteria(found.row["criteria"], snapshot)
    tell_widened(criteria)
    question = first_look(snapshot, pinned=not on_newest, criteria=criteria)
    return redirect(url_for("project.cohorts.show", **question.address()), 303)


@dataclass(frozen=True)
class Side:
    """One of two cohorts that stand beside each other."""

    saved: Saved
    asked: Asked
    attrition: ProtectedTable
    sight: Sight
    # Where a reviewer is asked for its results.
    ask_for: str


@pages.get("/cohorts/beside")
def beside() -> str:
    """Two saved cohorts in two columns: the same results of each, as far as they are open."""
    pair = _pair()
    for one in pair:
        charge(one[1], steps(one[1].snapshot.number, one[1].criteria))
    now = clock.now()
    sides = [
        Side(
            saved,
            asked,
            attrition(asked.snapshot, asked.criteria),
            sight(asked, ledger_of(asked.snapshot), now=now),
            ask_address(asked, RESULTS),
        )
        for saved, asked in pair
    ]
    first = sides[0].asked
    return render_template(
        "research/beside.html",
        project=project(),
        sides=sides,
        looks=looks(),
        pair=_address(pair),
        asked=first,
        sections=sections(first.known),
        dividers=dividers(first.snapshot),
        rows=_rows(sides),
    )


@pages.post("/cohorts/beside")
def open_both() -> Response:
    """Open the results of both; each says its price."""
    pair = _pair()
    for _, asked in pair:
        charge(asked, opening(asked))
        answer_now(asked, ledger_of(asked.snapshot), now=clock.now())
    return redirect(url_for("project.saved.beside", **_address(pair)), 303)


def _rows(sides: list[Side]) -> list[tuple[Result, list[Any]]]:
    """Each result with what each side has of it; None where it is closed."""
    found = [{one.name: finding for one, finding in side.sight.opened} for side in sides]
    return [(one, [side.get(one.name) for side in found]) for one in sides[0].asked.results]


def _pair() -> list[tuple[Saved, Asked]]:
    """The two cohorts of the address, each with what it asks to see. Raises `NotFound` and `Invalid`."""
    names = request.args.getlist("cohort")
    if len(names) != 2 or len(set(names)) != 2:
        raise Invalid("Two different cohorts stand beside each other. Choose two of the saved ones.")
    if not set(request.args) <= {"cohort", *SEEN}:
        raise Invalid(
            "This address asks for something that two cohorts beside each other do not have. Begin with the saved cohorts."
        )
    return [_side(name) for name in names]


def _side(name: str) -> tuple[Saved, Asked]:
    try:
        found = _saved(UUID(name))
    except ValueError:
        raise NotFound("There is no such cohort in this project.") from None
    chosen, divided = seen(request.args.items(multi=True), found.snapshot)
    asked = first_look(found.snapshot, pinned=True, criteria=found.criteria)
    return found, replace(asked, results=chosen or asked.results, division=replace(divided, is_beside=True))


def _address(pair: list[tuple[Saved, Asked]]) -> dict[str, Any]:
    asked = pair[0][1]
    only = {name: value for name, value in asked.address().items() if name in SEEN}
    return {"cohort": [str(saved.row["id"]) for saved, _ in pair], **only}
