"""Answer "is my entry still there, unaltered?", with and without a receipt that was kept. Pure.

A receipt that the participant kept is proof even against us: it names what we committed to when we took the entry.
"""

from base64 import urlsafe_b64decode
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from studyportal.errors import CannotOpen, Invalid
from studyportal.intake.course.opening import OwnEntry
from studyportal.intake.diary.receipts import Receipt
from studyportal.intake.diary.submission import receipt_of
from studyportal.saying import said

Base64 = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{1,128}$")]


class _Body(msgspec.Struct, frozen=True):
    study: str
    enrolment: UUID
    entry: UUID
    received_at: datetime
    commitment: Base64


class _Kept(msgspec.Struct, frozen=True):
    receipt: _Body
    signature: Base64


def from_base64url(text: str) -> bytes:
    """The bytes of URL-safe base64 without padding. Raises `ValueError`."""
    return urlsafe_b64decode(text + "==")


def read_receipt(data: bytes) -> Receipt:
    """A receipt from its file. Raises `Invalid` for anything else."""
    try:
        kept = msgspec.json.decode(data, type=_Kept)
        commitment, signature = (from_base64url(text) for text in (kept.receipt.commitment, kept.signature))
    except (msgspec.MsgspecError, UnicodeError, ValueError):
        raise Invalid(
            said("This is not a receipt of this study."), {"receipt": said("Choose the file that you saved.")}
        ) from None
    body = kept.receipt
    return Receipt(body.study, body.enrolment, body.entry, body.received_at, commitment, signature)


def is_genuine(receipt: Receipt, *, public: bytes) -> bool:
    """Whether intake's key (32 public bytes) signed this receipt."""
    try:
        receipt.verify(public=public)
    except CannotOpen:
        return False
    return True


def is_there_unaltered(own: OwnEntry, *, study: str, public: bytes) -> bool:
    """Whether the answers that open are those that came, and the entry's own receipt, if it has one, is genuine."""
    return own.is_unaltered and (own.by_staff or is_genuine(receipt_of(own.row, own.id, study), public=public))
