"""The custodian's first page. An auditor begins at the trail, an administrator at the staff."""

from flask import Blueprint, Response, make_response, redirect, render_template, url_for

from studyportal import clock
from studyportal.custody.opening.entries import REASONS
from studyportal.custody.overview.standing import standing
from studyportal.custody.staff.people import lately_invited
from studyportal.web.access import signed_in
from studyportal.web.access_table import ROLES
from studyportal.web.navigation import first_page

pages = Blueprint("overview", __name__)


@pages.get("/")
def show() -> Response:
    if elsewhere := first_page(signed_in()):
        return redirect(url_for(elsewhere), 303)
    now = clock.now()
    about = {"standing": standing(now=now), "reasons": REASONS, "lately": lately_invited(now=now), "roles": ROLES}
    return make_response(render_template("custody/overview.html", now=now, **about))
