"""Know until when somebody was asked: until now, or until they left the study."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from studyportal.intake.enrolment.sessions import Enrolled
from studyportal.registry.consents import consent_records, still_counting, withdrawals_of


def asked_until(connection: sa.Connection, enrolled: Enrolled, required: Collection[str], *, now: datetime) -> datetime:
    """`required` are the scopes without which nothing is collected."""
    if not enrolled.has_stopped:
        return now
    agreed = next(iter(consent_records(connection, enrolled.enrolment)))
    taken = still_counting(withdrawals_of(connection, enrolled.enrolment), agreed.agreed_at)
    return min((one.requested_at for one in taken if one.scope in required), default=now)
