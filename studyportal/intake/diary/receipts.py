"""What a participant keeps: which entry, when it was received, what it commits to, signed by intake.

The receipt is made again from the entry's row, so that a retry gets the same one, byte for byte. It says nothing of
the answers: whoever guesses them would need the blind, which is only in the seal and with the participant.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from studyportal.sealing.signatures import verify

LABEL = "studyportal receipt"
_FORMAT = "studyportal receipt 1"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A signed receipt. `commitment` is 32 bytes over blind and canonical entry, `signature` 64 bytes of Ed25519."""

    study: str
    enrolment: UUID
    entry: UUID
    received_at: datetime
    commitment: bytes
    signature: bytes = field(repr=False)

    @property
    def body(self) -> bytes:
        """The canonical JSON that is signed."""
        return receipt_body(self.study, self.enrolment, self.entry, self.received_at, self.commitment)

    def to_wire(self) -> Mapping[str, object]:
        """What an app gets and a file keeps: the signed object and its signature (base64url)."""
        return {"receipt": msgspec.json.decode(self.body), "signature": base64url(self.signature)}

    def to_json(self) -> bytes:
        """`to_wire` as JSON; `receipt` stands in it exactly as it was signed."""
        return b'{"receipt":' + self.body + b',"signature":"' + base64url(self.signature).encode() + b'"}'

    def verify(self, *, public: bytes) -> None:
        """Return if intake's key (32 public bytes) signed this; else raise `CannotOpen`."""
        verify(LABEL, self.body, self.signature, public=public)


def receipt_body(study: str, enrolment: UUID, entry: UUID, received_at: datetime, commitment: bytes) -> bytes:
    """The bytes under a receipt's signature: JSON with sorted names and no spaces."""
    return msgspec.json.encode(
        {
            "commitment": base64url(commitment),
            "enrolment": str(enrolment),
            "entry": str(entry),
            "format": _FORMAT,
            "received_at": received_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "study": study,
        }
    )


def base64url(raw: bytes) -> str:
    """URL-safe base64 without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
