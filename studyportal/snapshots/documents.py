"""The signed papers on the shelf. They are strict: an unknown field or version is refused.

A snapshot's manifest says what belongs to it. The list of withdrawals says who has left since. A codes note says
which sealed file holds a project's subject codes. None gives a count that could tell of one person. A part note says
what of an unfinished snapshot is done; it is gone when the snapshot appears.
"""

from datetime import datetime
from typing import Literal, TypeVar

import msgspec

from studyportal.errors import CannotOpen
from studyportal.sealing import Context
from studyportal.sealing.signatures import sign, verify
from studyportal.snapshots.shelf import table_and_part

SNAPSHOT_LABEL, WITHDRAWALS_LABEL, CODES_LABEL = "studyportal snapshot", "studyportal withdrawals", "studyportal codes"
PART_LABEL = "studyportal snapshot part"

# As in every table a researcher sees: 11 (CMS cell size policy), and steps of 5.
SMALLEST_COUNT, STEP = 11, 5


class SealedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file: SHA-256 as hex, size in bytes, and its key wrapped by the snapshot key (none if it is in clear)."""

    sha256: str
    size: int
    key: bytes | None


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a snapshot is. `participants` is rounded down to fives and absent below 11 (CMS cell size policy).

    A table lies in several files, each with the rows of a range of subjects. `revision` grows when files were written
    anew without people who were erased; `replaces` are the SHA-256 (hex) of the manifests before, the first one first.
    Format 2 lacks the table of weeks that are over (`shelf.WEEKS_OVER`), which is no instrument's.
    """

    format: Literal[2, 3]
    study: str
    number: int
    revision: int
    published_at: datetime
    protocol_digest: str
    participants: int | None
    files: dict[str, SealedFile]
    replaces: list[str]

    @property
    def tables(self) -> dict[str, dict[int, str]]:
        """The names of the files of each table, by part, in order."""
        found: dict[str, dict[int, str]] = {}
        for name in self.files:
            if (place := table_and_part(name)) is not None:
                found.setdefault(place[0], {})[place[1]] = name
        return {table: dict(sorted(parts.items())) for table, parts in sorted(found.items())}


class FirstManifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a snapshot was in format 1: each table a single file, the signature in a file beside."""

    format: Literal[1]
    study: str
    number: int
    published_at: datetime
    protocol_digest: str
    participants: int | None
    files: dict[str, SealedFile]

    @property
    def as_now(self) -> Manifest:
        """The same, as it is said since the second format."""
        return Manifest(
            2, self.study, self.number, 0, self.published_at, self.protocol_digest, self.participants, self.files, []
        )


class PartNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One finished part of an unfinished snapshot; `made_from` is a digest of all that went into it."""

    format: Literal[1]
    study: str
    number: int
    part: int
    made_from: str
    people: int
    rows: int
    files: dict[str, SealedFile]


class Withdrawals(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose rows no longer show, as disclosure indices; `sequence` grows with every list."""

    format: Literal[1]
    study: str
    sequence: int
    at: datetime
    indices: list[int]


class ConsentLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many people had agreed to a version, agreed to a scope, or withdrawn, by the end of each study week.

    `what` is "arrival", "version", "scope" or "withdrawal"; `name` the version, the scope, or what happened on the way
    in ("looked", "screened", "not_eligible": counted in times, since nobody is known yet), `strength` of a withdrawal.
    A number is rounded down to fives and absent (None) below 11, as everywhere on the shelf.
    """

    what: Literal["arrival", "version", "scope", "withdrawal"]
    name: str
    strength: str
    people: list[int | None]


class ConsentRecords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Consent and withdrawal in the whole study as weeks go by; week 1 begins with the first consent."""

    format: Literal[1]
    weeks: int
    lines: list[ConsentLine]


class CodesNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the subject codes of one project are."""

    format: Literal[1]
    study: str
    project: str
    name: str
    file: SealedFile


class _Signed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    document: str
    signature: bytes


Document = TypeVar("Document", Manifest, FirstManifest, PartNote, Withdrawals, CodesNote, ConsentRecords)


def encode(document: Document) -> bytes:
    """Canonical JSON."""
    return msgspec.json.encode(document, order="sorted")


def decode(data: bytes, kind: type[Document]) -> Document:
    """Raises `CannotOpen` for anything that is not exactly such a document."""
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.MsgspecError:
        raise CannotOpen from None


def signed(document: Document, label: str, *, key: bytes) -> bytes:
    """One file that holds a document and its Ed25519 signature, so that both are replaced at once."""
    text = encode(document)
    return msgspec.json.encode(_Signed(text.decode(), sign(label, text, key=key)))


def checked(data: bytes, kind: type[Document], label: str, *, public: bytes) -> Document:
    """The document in such a file; raises `CannotOpen` when the signature does not hold."""
    try:
        envelope = msgspec.json.decode(data, type=_Signed)
    except msgspec.MsgspecError:
        raise CannotOpen from None
    verify(label, envelope.document.encode(), envelope.signature, public=public)
    return decode(envelope.document.encode(), kind)


def file_context(study: str, place: str) -> Context:
    """What a wrapped file key is bound to; `place` is the file's path on the shelf."""
    return Context(study, "shelf", "file key", place)


def is_signed(data: bytes) -> bool:
    """Whether a file holds a document and its signature, whatever they are worth."""
    try:
        return bool(msgspec.json.decode(data, type=_Signed))
    except msgspec.MsgspecError:
        return False
