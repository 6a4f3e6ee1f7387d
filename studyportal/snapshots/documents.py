"""The signed papers on the shelf. They are strict: an unknown field or version is refused.

A snapshot's manifest says what belongs to it. The list of withdrawals says who has left since. A codes note says
which sealed file holds a project's subject codes. None gives a count that could tell of one person.
"""

import base64
from datetime import datetime
from typing import Literal, TypeVar

import msgspec

from studyportal.errors import CannotOpen
from studyportal.sealing import Context
from studyportal.sealing.signatures import sign, verify

SNAPSHOT_LABEL, WITHDRAWALS_LABEL, CODES_LABEL = "studyportal snapshot", "studyportal withdrawals", "studyportal codes"

# As in every table a researcher sees: 11 (CMS cell size policy), and steps of 5.
SMALLEST_COUNT, STEP = 11, 5


class SealedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file: SHA-256 as hex, size in bytes, and its key wrapped by the snapshot key (none if it is in clear)."""

    sha256: str
    size: int
    key: bytes | None


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a snapshot is. `participants` is rounded down to fives and absent below 11 (CMS cell size policy)."""

    format: Literal[1]
    study: str
    number: int
    published_at: datetime
    protocol_digest: str
    participants: int | None
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

    `what` is "arrival", "version", "scope" or "withdrawal"; `name` the version, the scope, or what happened on the way in
    ("looked", "screened", "not_eligible": counted in times, since nobody is known yet), `strength` of a withdrawal. A
    number is rounded down to fives and absent (None) below 11, as everywhere on the shelf.
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


Document = TypeVar("Document", Manifest, Withdrawals, CodesNote, ConsentRecords)


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


def signature_text(signature: bytes) -> bytes:
    """A detached signature as it lies beside a manifest."""
    return base64.b64encode(signature) + b"\n"
