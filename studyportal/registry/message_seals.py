"""Write a message as a sealed row, and read one that was opened. Nothing here opens.

A message is plain text of up to 4,000 characters: markup stays the characters that it is, what no page can show is
refused. It is padded to one of three sizes, so that the database does not tell a thank-you from a short question.
"""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from studyportal.errors import CannotOpen, Invalid
from studyportal.registry.contexts import message_context
from studyportal.saying import said
from studyportal.sealing import PublicKey, seal

LONGEST = 4000  # characters
# Bytes: a few lines, a page, and 4,000 characters that take four bytes each, with a name.
SIZES = (1024, 4096, 16_640)
_LENGTH = 4  # bytes that padding takes for itself

EMPTY = said("Write your message first.")
TOO_LONG = said("A message has at most %(most)s characters. Shorten it, or send it in two.", most=format(LONGEST, ","))
UNREADABLE = said("This text holds characters that cannot be shown. Type it again.")
_LINES = "\n\t"


class _Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    by: str = ""

    def __repr__(self) -> str:
        return "_Body(...)"


def read_text(typed: str) -> str:
    """The text that was meant: line ends as one character, no blanks around it. Raises `Invalid` at the field
    "text"."""
    text = typed.replace("\r\n", "\n").replace("\r", "\n").strip()
    for unfit, sentence in (
        (not text, EMPTY),
        (len(text) > LONGEST, TOO_LONG),
        (any(unicodedata.category(one) in ("Cc", "Cs") and one not in _LINES for one in text), UNREADABLE),
    ):
        if unfit:
            raise Invalid("The message was not sent.", {"text": sentence})
    return text


def sealed_message(
    id: UUID, enrolment: UUID, text: str, *, by: str, account: UUID | None, to: PublicKey, study: str, now: datetime
) -> Mapping[str, Any]:
    """A row of the registry's messages. `account` is the member of staff who writes, `by` their name for the
    participant to read (under the seal); without an account it is the participant's own."""
    sender = "participant" if account is None else "staff"
    body = msgspec.json.encode(_Body(text, by))
    size = next(one for one in SIZES if len(body) + _LENGTH <= one)
    return {
        "id": id,
        "enrolment": enrolment,
        "sent_at": now,
        "sender": sender,
        "account": account,
        "sealed": seal(body, to=to, about=message_context(study, enrolment, id, sender), size=size),
    }


def message_body(opened: bytes) -> tuple[str, str]:
    """Text and name of an opened message. Raises `CannotOpen` for anything else."""
    try:
        body = msgspec.json.decode(opened, type=_Body)
    except msgspec.MsgspecError:
        raise CannotOpen from None
    return body.text, body.by
