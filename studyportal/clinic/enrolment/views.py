"""The pages for coordinators: the enrolment log, codes, and open links. What is secret is shown once, in the answer
itself."""

import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from studyportal import clock
from studyportal.clinic.enrolment import actions
from studyportal.clinic.enrolment.forms import CampaignForm, CloseForm, CodesForm
from studyportal.clinic.own_site import own_site
from studyportal.database import reading
from studyportal.errors import Conflict, Invalid, NotFound
from studyportal.registry.adherence import site_name
from studyportal.registry.campaigns import campaign_state, campaigns_of
from studyportal.registry.enrolment_log import COLUMNS, Week, enrolment_flow, enrolment_weeks
from studyportal.registry.issuing import code_counts
from studyportal.web.access import signed_in
from studyportal.web.code_cards import SCREEN, card_file, join_address, square, squares
from studyportal.web.fields import show_problems
from studyportal.web.here import here
from studyportal.web.plain_csv import written
from studyportal.web.sign_in.views import actor_of
from studyportal.web.words import day

enrolment = Blueprint("enrolment", __name__, url_prefix="/enrolment")

WEEKS = 26  # on one page
USUAL = timedelta(days=28)  # how long a code is good if nobody says otherwise
# A column of the log -> its words.
WORDS = {
    "issued": "Codes given out",
    "looked": "Codes and links opened",
    "screened": "First questions answered",
    "not_eligible": "Cannot take part now",
    "consented": "Consented",
    "left": "Left",
    "erased": "Had all erased",
}
# How a link stands -> the kind of its look (parts.html) and its words.
STATES = {
    "open": ("good", "Open"),
    "full": ("neutral", "All places taken"),
    "ended": ("neutral", "Ended"),
    "closed": ("neutral", "Closed"),
}


@enrolment.get("/")
def show() -> str:
    """How many came how far, week by week."""
    site, now, page = own_site(), clock.now(), request.args.get("page", 1, type=int)
    required = here().protocol.consent.required
    with reading("registry", site=site) as connection:
        weeks = enrolment_weeks(connection, site, required_scopes=required, until=now.date())
        flow = enrolment_flow(connection, site, required_scopes=required)
        codes = code_counts(connection, now=now).get(site)
        name = site_name(connection, site)
    pages = max(1, -(-len(weeks) // WEEKS))
    if not 1 <= page <= pages:
        raise NotFound("There is no such page.")
    return render_template(
        "clinic/enrolment.html",
        site=name,
        weeks=weeks[(page - 1) * WEEKS : page * WEEKS],
        flow=flow,
        codes=codes,
        words=WORDS,
        page=page,
        pages=pages,
        may_issue=signed_in().role == "coordinator",
    )


@enrolment.get("/log.csv")
def log_file() -> Response:
    """The whole log as a table."""
    site, required = own_site(), here().protocol.consent.required
    with reading("registry", site=site) as connection:
        weeks = enrolment_weeks(connection, site, required_scopes=required, until=clock.now().date())
    answer = Response(written(_lines(site, weeks)), content_type="text/csv; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename="enrolment-log.csv")
    return answer


def _lines(site: str, weeks: Sequence[Week]) -> list[list[str | int]]:
    head: list[str | int] = ["site", "week_from", *COLUMNS]
    return [head, *([site, one.monday.isoformat(), *(getattr(one, name) for name in COLUMNS)] for one in weeks)]


@enrolment.route("/codes", methods=["GET", "POST"])
def codes() -> Response:
    """Give out codes; the answer to a good form shows them, this once."""
    form, site, now = CodesForm(), own_site(), clock.now()
    with reading("registry", site=site) as connection:
        name, counts = site_name(connection, site), code_counts(connection, now=now).get(site)
    if form.validate_on_submit():
        try:
            made = actions.issue_codes(
                site,
                form.count.data,
                expires_at=end_of(form.expires_on.data),
                rng=secrets,
                actor=actor_of(signed_in()),
                now=now,
            )
        except Invalid as refusal:
            show_problems(form, refusal.problems)
        else:
            return _shown(made, name, form.expires_on.data, form.paper.data, now)
    elif not form.is_submitted():
        form.expires_on.data = (now + USUAL).date()
    page = render_template("clinic/codes.html", form=form, site=name, counts=counts, address=_address())
    return make_response(page, 422 if form.errors else 200)


def _shown(made: Sequence[str], site: str, until: date, paper: str, now: datetime) -> Response:
    address, study = _address(), here().protocol.study.title
    if paper != SCREEN:
        return card_file(
            made, study=study, site=site, address=address, until=day(until), made_on=now.date(), size=paper
        )
    cards = squares(made, address)
    return make_response(
        render_template("clinic/codes_shown.html", cards=cards, site=site, until=until, address=address)
    )


@enrolment.route("/links", methods=["GET", "POST"])
def links() -> Response:
    """The open links of the site, and a new one; the answer to a good form shows it, this once."""
    form, site, now = CampaignForm(), own_site(), clock.now()
    if form.validate_on_submit():
        id, token = uuid4(), secrets.token_urlsafe(16)
        try:
            actions.open_campaign(
                id,
                token,
                site=site,
                name=form.name.data,
                cap=form.cap.data,
                ends_at=end_of(form.ends_on.data),
                actor=actor_of(signed_in()),
                now=now,
            )
        except Invalid as refusal:
            show_problems(form, refusal.problems)
        else:
            address = f"{_address()}/c/{token}"
            return make_response(
                render_template("clinic/link_shown.html", form=form, address=address, picture=square(address))
            )
    with reading("registry", site=site) as connection:
        name, rows = site_name(connection, site), campaigns_of(connection, site)
    page = render_template(
        "clinic/links.html",
        form=form,
        site=name,
        rows=[(row, campaign_state(row, now=now)) for row in rows],
        states=STATES,
        can_link=bool(_address()),
        zone=here().protocol.monitoring.zone,
    )
    return make_response(page, 422 if form.errors else 200)


@enrolment.post("/links/<uuid:id>/close")
def close(id: UUID) -> Response:
    """Let nobody else in by a link."""
    if CloseForm().validate_on_submit():
        try:
            actions.end_campaign(id, site=own_site(), actor=actor_of(signed_in()), now=clock.now())
        except Conflict as refusal:
            flash(refusal.sentence)
        else:
            flash("The link is closed. Who has signed stays in the study.")
    return redirect(url_for("enrolment.links"), 303)


def end_of(day: date) -> datetime:
    """The last moment of a day, in UTC."""
    return datetime.combine(day, time.max, UTC)


def _address() -> str:
    return join_address(here().settings.diary)
