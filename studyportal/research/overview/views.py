"""The page that says what a snapshot is: its number, date and people, and every item with its treatment."""

from flask import Blueprint, render_template

from studyportal.research.access.project import granted_snapshot, project, wanted_snapshot
from studyportal.research.cohorts.measures import first_look
from studyportal.research.holdings import holdings

pages = Blueprint("snapshot", __name__)


@pages.get("/")
def show() -> str:
    snapshot = granted_snapshot(wanted_snapshot())
    return render_template(
        "research/snapshot.html",
        project=project(),
        snapshot=snapshot,
        newest=holdings().shelf.newest,
        people=snapshot.engine.count(snapshot.everybody),
        first_look=first_look(snapshot.codebook),
    )
