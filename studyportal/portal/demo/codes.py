"""Issue the demonstration's enrolment codes."""

import secrets
from datetime import datetime, timedelta

from studyportal.audit import AuditEvent, record
from studyportal.database import writing
from studyportal.portal.demo.past import ACTOR
from studyportal.registry.codes import code_hash, new_enrolment_code
from studyportal.registry.tables import ENROLMENT_CODES

VALID = timedelta(days=30)


def issue(site: str, *, at: datetime) -> str:
    """An enrolment code of a site, issued at `at`."""
    code = new_enrolment_code(secrets)
    row = {"code_hash": code_hash(code), "site": site, "issued_at": at, "issued_by": "demo", "expires_at": at + VALID}
    with writing("registry") as connection:
        connection.execute(ENROLMENT_CODES.insert(), row)
        record(connection, "registry", AuditEvent(ACTOR, "code:issue", "site", site, {"codes": 1}), now=at)
    return code
