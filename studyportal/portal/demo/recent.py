"""Send the last days' entries the ordinary way: one by one through intake, with windows checked and receipts given."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from studyportal.audit import Actor
from studyportal.database import reading
from studyportal.intake.diary.submission import submit
from studyportal.intake.diary.times import Times
from studyportal.intake.enrolment.sessions import Enrolled
from studyportal.portal.demo.entries import Sent, started_on
from studyportal.portal.demo.generator import SyntheticPerson
from studyportal.portal.demo.past import SOURCE, Study
from studyportal.portal.demo.places import SITES
from studyportal.registry.enrolments import public_key
from studyportal.sealing.signatures import BLIND_SIZE

RECENT = timedelta(days=3)


def is_recent(sent: Sent, study: Study) -> bool:
    """Whether this entry came in the last days."""
    return sent.received_at > study.now - RECENT


def send(enrolment: UUID, person: SyntheticPerson, sent: Sequence[Sent], study: Study) -> int:
    """Submit these entries of one person, each at its own time; how many."""
    if not sent:
        return 0
    zone = SITES[person.site].zone
    with reading("registry", enrolment=enrolment) as connection:
        key = public_key(connection, enrolment, "diary")
    assert key is not None
    enrolled = Enrolled(enrolment, zone, started_on(person, study.today), key.raw, has_stopped=False)
    for one in sent:
        submit(
            uuid4(),
            enrolled,
            one.instrument,
            one.answers,
            occasion=one.occasion,
            times=Times(zone),
            blind=secrets.token_bytes(BLIND_SIZE),
            protocol=study.protocol,
            signer=study.signer,
            source=SOURCE,
            check_times=True,
            actor=Actor("intake", "participant", str(enrolment)),
            now=one.received_at,
        )
    return len(sent)
