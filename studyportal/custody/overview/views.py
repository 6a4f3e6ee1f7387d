"""The first page. An auditor's first page is the trail."""

from flask import Blueprint, Response, make_response, redirect, render_template, url_for

from studyportal import clock
from studyportal.custody.opening.entries import REASONS
from studyportal.custody.overview.standing import standing
from studyportal.web.access import signed_in

pages = Blueprint("overview", __name__)


@pages.get("/")
def show() -> Response:
    if signed_in().role == "auditor":
        return redirect(url_for("trail.show"), 303)
    return make_response(
        render_template("custody/overview.html", now=clock.now(), standing=standing(), reasons=REASONS)
    )
