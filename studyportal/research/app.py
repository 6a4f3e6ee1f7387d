"""Make the research room. Whatever lies below a project's address is reached through custody's approval only."""

from flask import Blueprint, Flask, g, request, url_for

from studyportal.charts.browser import RECIPE, script
from studyportal.protocol.reading import load_protocol
from studyportal.research.access.agreement_views import pages as agreement_pages
from studyportal.research.access.padding import pad
from studyportal.research.access.project import admit, hold, look_again, name_project, put_project
from studyportal.research.access.request_views import pages as request_pages
from studyportal.research.access.views import pages as access_pages
from studyportal.research.cohorts.opening import ReviewNeeded
from studyportal.research.cohorts.saved_views import pages as saved_pages
from studyportal.research.cohorts.views import pages as cohort_pages
from studyportal.research.consents.views import pages as consent_pages
from studyportal.research.holdings import install_holdings
from studyportal.research.overview.views import pages as overview_pages
from studyportal.research.releases.views import pages as release_pages
from studyportal.research.reports.views import pages as report_pages
from studyportal.research.reviews.views import lead_to_review
from studyportal.research.reviews.views import pages as review_pages
from studyportal.research.settings import ResearchSettings
from studyportal.web.assets import Made
from studyportal.web.notices import notices
from studyportal.web.room import make_room
from studyportal.web.sign_in.views import sign_in_pages, staff_visitor
from studyportal.web.verifying.views import verifying_pages

BIND = "workbench"
DRAWS = Made(RECIPE, script)
NAV = (("access.projects", "Projects"), ("access.ask", "Ask for access"))


def create_app(settings: ResearchSettings) -> Flask:
    """The research room; raises `Unsafe` for settings it must not start with."""
    protocol = load_protocol(settings.protocol)
    verifying = verifying_pages(BIND, custody=settings.raw(settings.custody_public_key))
    public = (sign_in_pages(BIND, home="access.projects"), notices, verifying)
    blueprints = (*public, access_pages, request_pages, agreement_pages, _project_pages())
    app = make_room(
        "research", settings, protocol, blueprints, visitor_of=staff_visitor(BIND), nav=NAV, made={"charts.js": DRAWS}
    )
    app.context_processor(_way_back)
    install_holdings(app, settings, study=protocol.study.code)
    return app


def _way_back() -> dict[str, object]:
    """Where a refusal on a project's page leads back to: the project, if it was open to whoever asked."""
    if "approval" not in g:
        return {"way_back": None}
    is_cohort = (request.endpoint or "").startswith("project.cohorts.") and bool(request.args)
    where = (
        ("project.cohorts.show", "Begin a cohort anew")
        if is_cohort
        else ("project.reports.made", "Go back to the project")
    )
    return {"way_back": (url_for(where[0]), where[1])}


def _project_pages() -> Blueprint:
    """One blueprint over all features of a project, so that none of them can be reached around the check."""
    project = Blueprint("project", __name__, url_prefix="/projects/<project>")
    project.url_value_preprocessor(name_project)
    project.url_defaults(put_project)
    project.before_request(admit)
    # The last one runs first.
    project.after_request(hold)
    project.after_request(pad)
    project.after_request(look_again)
    project.register_error_handler(ReviewNeeded, lead_to_review)
    for feature in (
        overview_pages,
        consent_pages,
        cohort_pages,
        saved_pages,
        report_pages,
        release_pages,
        review_pages,
    ):
        project.register_blueprint(feature)
    return project
