"""The page on which codes are issued, and the one sheet on which they are shown."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, Response, make_response, render_template

from studyportal import clock
from studyportal.custody.codes.actions import issue_codes
from studyportal.custody.codes.forms import CodesForm
from studyportal.custody.days import end_of
from studyportal.database import reading
from studyportal.errors import Invalid
from studyportal.protocol.codebook import who_cannot_take_part
from studyportal.registry.enrolment_log import enrolment_flow
from studyportal.registry.issuing import code_counts
from studyportal.registry.sites import sites
from studyportal.web.access import signed_in
from studyportal.web.code_cards import SCREEN, card_file, join_address
from studyportal.web.fields import show_problems
from studyportal.web.here import here
from studyportal.web.sign_in.views import actor_of
from studyportal.web.words import day

pages = Blueprint("codes", __name__, url_prefix="/codes")


@pages.route("/", methods=["GET", "POST"])
def show() -> Response:
    form, now = CodesForm(), clock.now()
    with reading("registry") as connection:
        known, counts = sites(connection), code_counts(connection, now=now)
        flow = enrolment_flow(connection, None, required_scopes=here().protocol.consent.required)
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
            if form.paper.data != SCREEN:
                return _cards(codes, site.name, form, now)
            sheet = render_template("custody/codes_sheet.html", codes=codes, site=site, until=form.expires_on.data)
            return make_response(sheet)
    conditions = {rule.name: rule.when for rule in who_cannot_take_part(here().protocol)}
    # One that an amendment took away is known by its name alone.
    turned_away = [(conditions.get(name, name), times) for name, times in (flow.reasons or {}).items()]
    page = render_template(
        "custody/codes.html", form=form, sites=known, counts=counts, flow=flow, turned_away=turned_away
    )
    return make_response(page, 422 if form.errors else 200)


def _cards(codes: Sequence[str], site: str, form: CodesForm, now: datetime) -> Response:
    place = here()
    return card_file(
        codes,
        study=place.protocol.study.title,
        site=site,
        address=join_address(place.settings.diary),
        until=day(form.expires_on.data),
        made_on=now.date(),
        size=form.paper.data,
    )
