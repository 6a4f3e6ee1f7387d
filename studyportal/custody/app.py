"""Make the custody room: the one room with all three databases, and with keys."""

from flask import Flask

from studyportal.custody.approvals.grant_views import pages as grants
from studyportal.custody.approvals.views import pages as approvals
from studyportal.custody.codes.views import pages as codes
from studyportal.custody.consent_forms.views import pages as consent_forms
from studyportal.custody.erasure.views import pages as withdrawals
from studyportal.custody.opening.key_file import load_keys
from studyportal.custody.overview.views import pages as overview
from studyportal.custody.publishing.views import pages as snapshots
from studyportal.custody.reconcile.views import pages as reconcile
from studyportal.custody.reviews.views import pages as reviews
from studyportal.custody.settings import CustodySettings
from studyportal.custody.sites.views import pages as sites
from studyportal.custody.staff.views import pages as staff
from studyportal.custody.trail.views import pages as trail
from studyportal.protocol import load_protocol
from studyportal.web.notices import notices
from studyportal.web.room import make_room
from studyportal.web.sign_in.views import sign_in_pages, staff_visitor
from studyportal.web.verifying.views import verifying_pages

BIND = "keyring"
NAV = (
    ("overview.show", "Overview"),
    ("approvals.show", "Requests"),
    ("grants.show", "Approvals"),
    ("reviews.show", "Reviews"),
    ("snapshots.show", "Snapshots"),
    ("consent_forms.show", "Consent"),
    ("withdrawals.show", "Withdrawals"),
    ("codes.show", "Codes"),
    ("reconcile.show", "Counts"),
    ("trail.show", "Audit trail"),
    ("staff.show", "Staff"),
    ("sites.show", "Sites"),
)


def create_app(settings: CustodySettings) -> Flask:
    """The custody application. Raises `Unsafe` for unfit settings or a key file that others can read."""
    keys = load_keys(settings.key_file)
    features = (
        overview,
        approvals,
        grants,
        reviews,
        snapshots,
        consent_forms,
        withdrawals,
        codes,
        reconcile,
        trail,
        staff,
        sites,
    )
    pages = (sign_in_pages(BIND, home="overview.show"), notices, verifying_pages(BIND, custody=keys.public), *features)
    return make_room(
        "custody", settings, load_protocol(settings.protocol), pages, visitor_of=staff_visitor(BIND), nav=NAV
    )
