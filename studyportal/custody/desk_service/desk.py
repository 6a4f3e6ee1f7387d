"""The desk itself: each question admitted, written down, then answered. The key file is read anew for every question.

Anew, because an erasure replaces it: a desk that kept the old key would be the one place where it lived on.
"""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal import clock
from studyportal.audit import Actor, AuditEvent, record
from studyportal.custody.desk_service.admitting import admit
from studyportal.custody.desk_service.messages import contact_opener, messages_of
from studyportal.custody.desk_service.notes import notes_of
from studyportal.custody.desk_service.opening import alert_names, course_of, diary_opener
from studyportal.custody.opening.key_file import load_keys
from studyportal.custody.settings import CustodySettings
from studyportal.database import reading, writing
from studyportal.desk import PAPERS, Course, OpenedMessage, OpenedNote, Pass
from studyportal.errors import Invalid, NotFound
from studyportal.protocol import Protocol
from studyportal.registry.desk import sealed_alert
from studyportal.sealing.opening import Opener
from studyportal.sealing.signatures import sign

# What a signature over a paper says, besides its kind; checked wherever papers are.
LABEL = "studyportal paper"
DIGEST = 32


class CustodyDesk:
    """Answers inside custody's application context."""

    def __init__(
        self, settings: CustodySettings, protocol: Protocol, *, now: Callable[[], datetime] = clock.now
    ) -> None:
        self._key_file = settings.key_file
        self._protocol = protocol
        self._now = now

    def course(self, pass_: Pass, enrolment: UUID, *, since: date | None = None) -> Course:
        admitted = admit(pass_, enrolment, act="desk:open", detail={"what": "course"}, now=self._now())
        opener = diary_opener(enrolment, keys=load_keys(self._key_file), study=self._protocol.study.code)
        course = course_of(enrolment, opener, protocol=self._protocol, started_on=admitted.started_on, since=since)
        if course.faults:
            _tell_of_faults(enrolment, course.faults, now=self._now())
        return course

    def alert(self, pass_: Pass, alert: UUID) -> tuple[str, ...]:
        row, opener = self._about_alert(pass_, alert, "alert")
        return alert_names(row, alert, opener, study=self._protocol.study.code)

    def notes(self, pass_: Pass, alert: UUID) -> tuple[OpenedNote, ...]:
        row, opener = self._about_alert(pass_, alert, "notes")
        return notes_of(alert, row.enrolment, opener, study=self._protocol.study.code)

    def _about_alert(self, pass_: Pass, alert: UUID, what: str) -> tuple[sa.Row, Opener]:
        with reading("registry") as connection:
            row = sealed_alert(connection, alert)
        if row is None:
            raise NotFound("There is no such alert.")
        try:
            admit(pass_, row.enrolment, act="desk:open", detail={"what": what}, now=self._now())
        except NotFound:
            raise NotFound("There is no such alert.") from None
        return row, diary_opener(row.enrolment, keys=load_keys(self._key_file), study=self._protocol.study.code)

    def messages(self, pass_: Pass, enrolment: UUID) -> tuple[OpenedMessage, ...]:
        admit(pass_, enrolment, act="desk:open", detail={"what": "messages"}, now=self._now())
        study = self._protocol.study.code
        opener = contact_opener(enrolment, keys=load_keys(self._key_file), study=study)
        return messages_of(enrolment, opener, study=study)

    def certify(self, pass_: Pass, enrolment: UUID, digest: bytes, kind: str) -> bytes:
        if kind not in PAPERS or len(digest) != DIGEST:
            raise Invalid("The reading desk does not sign this.")
        admit(pass_, enrolment, act="desk:certify", detail={"kind": kind, "sha256": digest.hex()}, now=self._now())
        return sign(f"{LABEL} {kind}", digest, key=load_keys(self._key_file).signing)


def _tell_of_faults(enrolment: UUID, entries: int, *, now: datetime) -> None:
    """Let the data custodian read in the trail what the clinic's page says: that some entries do not open."""
    event = AuditEvent(
        Actor("custody", "worker", "desk"), "desk:fault", "enrolment", str(enrolment), {"entries": entries}
    )
    with writing("registry") as connection:
        record(connection, "registry", event, now=now)
