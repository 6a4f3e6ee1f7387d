"""The page of consent records, the same as a file, and as a signed paper: the consent register."""

from collections.abc import Mapping

from flask import Blueprint, Response, render_template, request

from studyportal import clock
from studyportal.charts.theme import looks
from studyportal.errors import NotFound
from studyportal.research import plain_csv
from studyportal.research.access.project import granted_snapshot, project, wanted_snapshot
from studyportal.research.consents.records import consent_table, grown_picture, lines, shown_weeks
from studyportal.research.consents.register import register
from studyportal.research.holdings import holdings
from studyportal.research.papers import signed_paper
from studyportal.research.picture_files import picture_response
from studyportal.snapshots.documents import ConsentRecords
from studyportal.web.here import here

pages = Blueprint("consents", __name__)


def _titles() -> Mapping[str, str]:
    return {scope.name: scope.ask for scope in here().protocol.consent.scopes.values()}


def _records() -> ConsentRecords:
    found = holdings().shelf.published(wanted_snapshot()).consents
    if found is None:
        raise NotFound("This snapshot was made without consent records. The next one has them.")
    return found


@pages.get("/consents")
def show() -> str:
    """Versions, scopes and withdrawals as weeks went by."""
    records = _records()
    return render_template(
        "research/consents.html",
        project=project(),
        snapshot=granted_snapshot(wanted_snapshot()),
        newest=holdings().shelf.newest,
        table=consent_table(records, _titles(), shown_weeks(records)),
        chart=grown_picture(records, _titles()),
        looks=looks(),
    )


@pages.get("/consents/records.csv")
def file() -> Response:
    """Every week, one line each."""
    response = Response(plain_csv.written(lines(_records())), content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename="consent-records.csv")
    return response


@pages.get("/consents/picture.<any(svg, png):kind>")
def picture_file(kind: str) -> Response:
    """The picture with its title, for a slide or a paper."""
    return picture_response(grown_picture(_records(), _titles()), "consent-records", kind)


@pages.get("/consents/records.pdf")
def paper() -> Response:
    """The consent register as PDF on A4 or Letter."""
    records, settings, snapshot = _records(), here().settings, granted_snapshot(wanted_snapshot())
    pdf = register(
        consent_table(records, _titles(), shown_weeks(records)),
        snapshot,
        project=project(),
        address=f"{settings.origin}/verify",
        synthetic=settings.synthetic,
        size=request.args.get("size", ""),
        language=here().protocol.language,
        now=clock.now(),
    )
    response = Response(signed_paper(pdf, holdings()), content_type="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=f"consent-register-{snapshot.number}.pdf")
    return response
