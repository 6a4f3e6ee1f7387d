"""The page that says what a snapshot is: its number, date and people, and every item with its treatment; and the same
as a signed paper."""

from flask import Blueprint, Response, render_template, request

from studyportal import clock
from studyportal.database import reading
from studyportal.research.access.project import granted_snapshot, project, wanted_snapshot
from studyportal.research.cohorts.measures import first_look
from studyportal.research.holdings import holdings
from studyportal.research.overview.codebook_paper import codebook_paper
from studyportal.research.papers import signed_paper
from studyportal.research.reviews.views import listed
from studyportal.web.here import here

pages = Blueprint("snapshot", __name__)


@pages.get("/")
def show() -> str:
    snapshot = granted_snapshot(wanted_snapshot())
    with reading("workbench") as connection:
        reviews = listed(connection)
    return render_template(
        "research/snapshot.html",
        project=project(),
        reviews=reviews,
        snapshot=snapshot,
        newest=holdings().shelf.newest,
        people=snapshot.engine.count(snapshot.everybody),
        first_look=first_look(snapshot.codebook),
    )


@pages.get("/codebook.pdf")
def codebook_file() -> Response:
    """The codebook of what the approval covers, as PDF on A4 or Letter."""
    snapshot, settings = granted_snapshot(wanted_snapshot()), here().settings
    pdf = codebook_paper(
        snapshot,
        project=project().title,
        address=f"{settings.origin}/verify",
        synthetic=settings.synthetic,
        size=request.args.get("size", ""),
        language=here().protocol.language,
        now=clock.now(),
    )
    response = Response(signed_paper(pdf, holdings()), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="codebook-{snapshot.number}.pdf"'
    return response
