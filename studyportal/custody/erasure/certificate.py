"""The paper that stays after an erasure: what is gone, since when, and from which day on no backup can bring it back."""

from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

LABEL = "studyportal erasure"

# The keyring's backups live this long at most (docs/decisions/0003-keyring-forward-secrecy.md); the consent text says so too.
BACKUPS_LIVE = timedelta(days=14)

DESTROYED = (
    "every copy of the keys to this enrolment's entries, contact details and messages",
    "the key-encryption key and the transport pair under which those keys were kept",
    "the row of the keyring that led from published, de-identified records to this enrolment",
    "the sealed entries and blocks in the registry, and the signed copies of consent",
    "the de-identified values in every snapshot published before, whose files were written anew without them",
)
REMAINS = (
    "this certificate and a mark that an enrolment was erased",
    "the enrolment without answers: its code, site and dates, the record of consent and of this withdrawal",
    "the audit trail: that entries came and when, never what they said",
    (
        "de-identified values in copies of the shelf of snapshots that were made before, such as backups, until these are "
        "destroyed: only custody and the research room hold the key to them"
    ),
    "counts and releases that researchers made before",
)


class Certificate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`backups_end_on` is the first day on which every backup of the keyring from before has expired."""

    format: Literal[1]
    study: str
    enrolment: UUID
    erased_at: datetime
    backups_end_on: date
    destroyed: tuple[str, ...] = DESTROYED
    remains: tuple[str, ...] = REMAINS


class SignedCertificate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The paper as it is handed over: the exact text and custody's Ed25519 signature over it."""

    certificate: str
    signature: bytes


def handed_over(text: str, signature: bytes) -> str:
    """A certificate with its signature, as JSON."""
    return msgspec.json.encode(SignedCertificate(text, signature)).decode()


def certificate(study: str, enrolment: UUID, *, erased_at: datetime) -> str:
    """The canonical JSON that custody signs."""
    ends = (erased_at + BACKUPS_LIVE + timedelta(days=1)).date()
    return msgspec.json.encode(Certificate(1, study, enrolment, erased_at, ends), order="sorted").decode()
