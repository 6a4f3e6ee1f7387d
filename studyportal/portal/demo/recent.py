"""Send the last days' entries the ordinary way: one by one through intake, with windows checked and receipts given."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from studyportal.audit import Actor
from studyportal.database import reading
from studyportal.intake.diary.submission import submit
from studyportal.intake.enrolment.sessions import Enrolled
from studyportal.portal.demo.entries import Sent, started_on
from studyportal.portal.demo.generator import SyntheticPerson
from studyportal.portal.demo.past import SOURCE, Study
from studyportal.portal.demo.places import SITES
from studyportal.registry.enrolments import public_key
from studyportal.sealing.signatures import BLIND_SIZE
from studyportal.web.answering.times import Times

RECENT = timedelta(days=3)


def parted(sent: Sequence[Sent], study: Study) -> tuple[list[Sent], list[Sent]]:
    """Entries of the past, and those that a participant sent in the last days through the forms of the diary.

    What follows an entry of the past belongs to the past itself: nothing stands there yet when the last days are sent.
    """
    forms = study.protocol.instruments
    fresh = {
        one.id
        for one in sent
        if one.received_at > study.now - RECENT
        and forms[one.instrument].by == "participant"
        and forms[one.instrument].schedule.form != "before_consent"
    }
    fresh = {one.id for one in sent if one.id in fresh and (one.follows is None or one.follows in fresh)}
    return [one for one in sent if one.id not in fresh], [one for one in sent if one.id in fresh]


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
            one.id,
            enrolled,
            one.instrument,
            one.answers,
            missing=one.missing,
            follows=one.follows,
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
