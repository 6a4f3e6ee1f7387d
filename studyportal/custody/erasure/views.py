"""The page of withdrawals: what was asked, what is done, and the certificates to be handed over."""

from uuid import UUID

from flask import Blueprint, Response, render_template

from studyportal.database import reading
from studyportal.errors import NotFound
from studyportal.registry.withdrawals import all_withdrawals, withdrawal

pages = Blueprint("withdrawals", __name__, url_prefix="/withdrawals")


@pages.get("/")
def show() -> str:
    with reading("registry") as connection:
        found = all_withdrawals(connection)
    return render_template("custody/withdrawals.html", withdrawals=found)


@pages.get("/<uuid:id>/certificate")
def certificate(id: UUID) -> Response:
    with reading("registry") as connection:
        found = withdrawal(connection, id)
    if found.certificate is None:
        raise NotFound("There is no such certificate.")
    file = Response(found.certificate, mimetype="application/json")
    file.headers["Content-Disposition"] = "attachment; filename=erasure-certificate.json"
    return file
