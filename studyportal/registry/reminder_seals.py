"""Write where somebody is reminded as a sealed row, and read one that was opened. Nothing here opens.

A mail address and the push address of a browser have one size.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from studyportal.errors import CannotOpen
from studyportal.registry.contexts import reminder_context
from studyportal.sealing import PublicKey, seal

SIZE = 2048  # bytes: the longest push address with its keys, and some room


class Whereto(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mail address, or a browser's push address with its key and secret (base64url)."""

    address: str
    public: str = ""
    auth: str = ""

    def __repr__(self) -> str:
        return "Whereto(...)"


def sealed_contact(
    id: UUID, enrolment: UUID, way: str, whereto: Whereto, *, mark: bytes, to: PublicKey, study: str, now: datetime
) -> Mapping[str, Any]:
    """A row of the registry's reminder contacts."""
    about = reminder_context(study, enrolment, id, way)
    return {
        "id": id,
        "enrolment": enrolment,
        "way": way,
        "mark": mark,
        "made_at": now,
        "sealed": seal(msgspec.json.encode(whereto), to=to, about=about, size=SIZE),
    }


def read_whereto(opened: bytes) -> Whereto:
    """What an opened contact says. Raises `CannotOpen` for anything else."""
    try:
        return msgspec.json.decode(opened, type=Whereto)
    except msgspec.MsgspecError:
        raise CannotOpen from None
