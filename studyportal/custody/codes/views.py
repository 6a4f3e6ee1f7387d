"""The page on which codes are issued, and the one sheet on which they are shown."""

import secrets

from flask import Blueprint, Response, make_response, render_template

from studyportal import clock
from studyportal.custody.codes.actions import issue_codes
from studyportal.custody.codes.forms import CodesForm
from studyportal.custody.days import end_of
from studyportal.database import reading
from studyportal.errors import Invalid
from studyportal.registry.issuing import code_counts
from studyportal.registry.sites import sites
from studyportal.web.access import signed_in
from studyportal.web.fields import show_problems
from studyportal.web.sign_in.views import actor_of

pages = Blueprint("codes", __name__, url_prefix="/codes")


@pages.route("/", methods=["GET", "POST"])
def show() -> Response:
    form, now = CodesForm(), clock.now()
    with reading("registry") as connection:
        known, counts = sites(connection), code_counts(connection, now=now)
    form.site.choices = [(site.id, f"{site.name} ({site.id})") for site in known]
    if form.validate_on_submit():
        try:
            codes = issue_codes(
                form.site.data,
                form.count.data,
                expires_at=end_of(form.expires_on.data),
                rng=secrets,
                actor=actor_of(signed_in()),
                now=now,
            )
        except Invalid as refusal:
            show_problems(form, refusal.problems)
        else:
            site = next(site for site in known if site.id == form.site.data)
            sheet = render_template("custody/codes_sheet.html", codes=codes, site=site, until=form.expires_on.data)
            return make_response(sheet)
    page = render_template("custody/codes.html", form=form, sites=known, counts=counts)
    return make_response(page, 422 if form.errors else 200)
