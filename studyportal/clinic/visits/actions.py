"""Begin a visit: what somebody came for is kept, and told to the trail."""

from datetime import datetime
from uuid import UUID, uuid4

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import writing
from studyportal.desk import PURPOSES
from studyportal.errors import Invalid, NotFound
from studyportal.registry.desk import begin_visit, enrolled_at


def begin(
    enrolment: UUID, purpose: str, *, site: str, session: UUID, account: UUID, actor: Actor, now: datetime
) -> None:
    """Write down what this session came to a participant of its site for. Raises `Invalid`, `NotFound`."""
    if purpose not in PURPOSES:
        raise Invalid("Say what you need to read for.", {"purpose": "Choose what you need to read for."})
    with writing("registry", site=site) as connection:
        if enrolled_at(connection, site, enrolment) is None:
            raise NotFound("There is no such participant.")
        begin_visit(
            connection, uuid4(), session=session, account=account, enrolment=enrolment, purpose=purpose, now=now
        )
        event = AuditEvent(actor, "visit:begin", "enrolment", str(enrolment), {"purpose": purpose})
        record(connection, "registry", event, now=now)
