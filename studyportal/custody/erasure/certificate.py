"""The paper that stays after an erasure: what is gone, since when, and from which day on no backup can bring it
back."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

LABEL = "studyportal erasure"

# The keyring's backups live this long at most (docs/decisions/0003-keyring-forward-secrecy.md); the consent text says
# so too.
BACKUPS_LIVE = timedelta(days=14)

# Read by people: the certificate is shown as it stands here.
DESTROYED = (
    "every copy of the keys to this enrolment's entries, contact details and messages",
    "the key-encryption key and the transport pair under which those keys were kept",
    "the row of the keyring that led from published, de-identified records to this enrolment",
    "the sealed entries and blocks in the registry, and the messages with the clinic",
    "the signed copies of consent, and the name that was given with a signature, if one was asked",
    "safety alerts, with all that was done and noted about them",
    "from when until when the diary was paused",
    "the de-identified values in every snapshot that was published before and can be read: it was written anew without them",
)
REMAINS = (
    "this certificate and a mark that an enrolment was erased",
    "where an alert was not closed: that there was one and, if its participant chose to hand that over, how pressing it was",
    "the enrolment without answers: its code, site and dates, the record of consent and of this withdrawal",
    "the audit trail: that entries came and when, never what they said",
    (
        "de-identified values in copies of the shelf of snapshots that were made before, such as backups, until these are "
        "destroyed: only custody and the research room hold the key to them"
    ),
    "counts and releases that researchers made before",
)


class ReleasedBefore(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A data set with de-identified answers of this person in it (or that may have, if it could not be read), when it
    was published, and how many packages approved researchers had taken out of it. Whose records are in a package
    depends on what was asked for; counts and reports were made of it besides."""

    snapshot: int
    published_on: date
    packages: int


class Certificate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`backups_end_on` is the first day on which every backup of the keyring from before has expired; `released` is
    what had been published before `erased_at`, de-identified, and cannot be called back. Format 1 had no `released`."""

    format: Literal[2]
    study: str
    enrolment: UUID
    erased_at: datetime
    backups_end_on: date
    destroyed: tuple[str, ...] = DESTROYED
    remains: tuple[str, ...] = REMAINS
    released: tuple[ReleasedBefore, ...] = ()


class SignedCertificate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The paper as it is handed over: the exact text and custody's Ed25519 signature over it."""

    certificate: str
    signature: bytes


def handed_over(text: str, signature: bytes) -> str:
    """A certificate with its signature, as JSON."""
    return msgspec.json.encode(SignedCertificate(text, signature)).decode()


def certificate(study: str, enrolment: UUID, *, erased_at: datetime, released: Sequence[ReleasedBefore]) -> str:
    """The canonical JSON that custody signs."""
    ends = (erased_at + BACKUPS_LIVE + timedelta(days=1)).date()
    paper = Certificate(2, study, enrolment, erased_at, ends, released=tuple(released))
    return msgspec.json.encode(paper, order="sorted").decode()


class _Released(msgspec.Struct, frozen=True):
    """What is read of a certificate of either format."""

    released: tuple[ReleasedBefore, ...] = ()


def released_in(text: str) -> Sequence[ReleasedBefore]:
    """What a certificate says was released before; nothing in one of format 1."""
    return msgspec.json.decode(text, type=_Released).released
