"""The reading desk: where the clinic asks custody to open what concerns its own participants. An interface and its
words.

The clinic holds no key. It shows who asks and what for (`Pass`); custody looks both up for itself, writes the audit
event and opens. What comes back is in memory only: nothing here prints an answer, and an answer that is larger than
`LARGEST` is refused rather than cut.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Protocol
from uuid import UUID

import msgspec

# Why somebody may want to read a participant's answers. The code goes into the audit trail, the words onto the page.
PURPOSES: Mapping[str, str] = {
    "alert": "An alert of theirs has to be answered",
    "visit": "They have an appointment, or have just had one",
    "call": "They asked to be called, or wrote to us",
    "review": "Their course is due for a review",
    "correction": "Something in their entries has to be cleared up",
}

# What custody signs for the clinic, and nothing else.
PAPERS: Mapping[str, str] = {"visit-report": "Visit report"}

# A year of entries of four instruments is about a megabyte.
LARGEST = 16 * 1024 * 1024

CLOSED = "The reading desk does not answer; nothing was opened."
TOO_LARGE = "This is more than the reading desk hands out at once; ask the data custodian."
ERASED = "Their answers have been erased. Nobody can open them any more."


@dataclass(frozen=True, slots=True)
class Pass:
    """Who asks and what for: the token of a staff session, and a key of `PURPOSES`."""

    token: str = field(repr=False)
    purpose: str


class _Silent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message that never shows itself when printed."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"

    __str__ = __repr__

    def __rich_repr__(self) -> Any:
        return iter(())


class Entry(_Silent, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One opened entry, and what custody says of it.

    `written_at` is the device's word as far as it counts (never later than `received_at`), `event_at` the moment that
    the entry says something happened; `answers` and `missing` are as `DiaryEntry` has them. `amends` is the entry that
    this one corrects, `reason` why, `follows` the entry of the event that this one is about; `written_by` names the
    member of staff who wrote it.
    """

    id: UUID
    instrument: str
    version: str
    diary_date: date
    zone: str
    written_at: datetime
    received_at: datetime
    event_at: datetime | None
    occasion: int | None
    late: bool
    source: str
    answers: dict[str, Any]
    missing: dict[str, str]
    amends: UUID | None
    follows: UUID | None
    written_by: str | None = None
    reason: str | None = None


class Course(_Silent, frozen=True, forbid_unknown_fields=True):
    """The entries of one enrolment that were asked for and open, by arrival; `faults` counts those that do not."""

    entries: tuple[Entry, ...]
    faults: int


class OpenedMessage(_Silent, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One message; `by` is "participant" or the name of the account that wrote it. `text` is None if it does not
    open."""

    id: UUID
    sent_at: datetime
    by: str
    text: str | None
    read_at: datetime | None


class OpenedNote(_Silent, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a clinician noted with one event of an alert's course. `text` is None if it does not open."""

    event: UUID
    text: str | None


class Desk(Protocol):
    """What the clinic may ask. Each raises a refusal:

    `NotSignedIn` for a session that has ended, `NotAllowed` for an account that does not read, `NotFound` for another
    site's participant, `Invalid` for an unknown purpose, `TooMany` beyond the participants of an hour, `Gone` for an
    erased enrolment, `TooLarge`, and `Unavailable` when the desk does not answer.
    """

    def course(self, pass_: Pass, enrolment: UUID, *, since: date | None = None) -> Course:
        """What a participant of the caller's site has written, from a local day on or (None) all of it. What is older
        stays shut."""

    def alert(self, pass_: Pass, alert: UUID) -> tuple[str, ...]:
        """The names of the protocol's alerts that one safety alert stands for, as the entry's version calls them."""

    def notes(self, pass_: Pass, alert: UUID) -> tuple[OpenedNote, ...]:
        """What clinicians noted about one safety alert, in order."""

    def messages(self, pass_: Pass, enrolment: UUID) -> tuple[OpenedMessage, ...]:
        """The messages with a participant of the caller's site, the oldest first."""

    def certify(self, pass_: Pass, enrolment: UUID, digest: bytes, kind: str) -> bytes:
        """Custody's signature (64 bytes) over the SHA-256 of a paper about a participant; `kind` is of `PAPERS`."""


# What goes over the wire: one of these with the pass, answered by what stands beside it.
class CourseAsked(_Silent, frozen=True, tag="course", forbid_unknown_fields=True):
    token: str
    purpose: str
    enrolment: UUID
    since: date | None = None


class AlertAsked(_Silent, frozen=True, tag="alert", forbid_unknown_fields=True):
    token: str
    purpose: str
    alert: UUID


class NotesAsked(_Silent, frozen=True, tag="notes", forbid_unknown_fields=True):
    token: str
    purpose: str
    alert: UUID


class MessagesAsked(_Silent, frozen=True, tag="messages", forbid_unknown_fields=True):
    token: str
    purpose: str
    enrolment: UUID


class CertifyAsked(_Silent, frozen=True, tag="certify", forbid_unknown_fields=True):
    token: str
    purpose: str
    enrolment: UUID
    digest: bytes
    kind: str


Asked = CourseAsked | AlertAsked | NotesAsked | MessagesAsked | CertifyAsked

ANSWERS: Mapping[type, Any] = {
    CourseAsked: Course,
    AlertAsked: tuple[str, ...],
    NotesAsked: tuple[OpenedNote, ...],
    MessagesAsked: tuple[OpenedMessage, ...],
    CertifyAsked: bytes,
}


class Refused(_Silent, frozen=True, forbid_unknown_fields=True):
    """A "no" on the wire: the name of its type in `studyportal.errors`, its sentence, and when to try again."""

    kind: Literal[
        "CannotOpen", "Gone", "Invalid", "NotAllowed", "NotFound", "NotSignedIn", "TooLarge", "TooMany", "Unavailable"
    ]
    sentence: str
    retry_after: int = 0
