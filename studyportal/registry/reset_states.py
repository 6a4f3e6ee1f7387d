"""How a reset of somebody's six words goes: who may do what to it in which state, and when it lapses. Pure.

    asked ─► confirmed ─► waiting ─► code ─► taken ─► done
    └────────────┴───────────┴────────┴──► cancelled, expired

Two members of staff, then a day in which the participant is told and can stop it, then a code that works once.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from studyportal.errors import Conflict
from studyportal.saying import said

# A diary is asked for every evening: in a day everybody who still has a signed-in phone comes across the notice. Every
# further day is an evening on which somebody who did lose their words cannot write.
DELAY = timedelta(hours=24)
# Two colleagues of one site meet within a week; who comes back for their code after two has found the words.
CONFIRM_WITHIN, FETCH_WITHIN = timedelta(days=7), timedelta(days=14)
# It is handed over in person and used at home.
CODE_LASTS = timedelta(hours=48)

# act -> the state in which it may happen -> the state after it.
TRANSITIONS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "confirm": {"asked": "confirmed"},
        "begin_wait": {"confirmed": "waiting"},
        "hand_over": {"waiting": "code", "code": "code"},
        "take": {"code": "taken"},
        "finish": {"taken": "done"},
        "cancel": dict.fromkeys(("asked", "confirmed", "waiting", "code"), "cancelled"),
        "abandon": dict.fromkeys(("asked", "confirmed", "waiting", "code", "taken"), "cancelled"),
        "expire": dict.fromkeys(("asked", "confirmed", "waiting", "code"), "expired"),
    }
)

# What to tell whoever comes with an act that the state does not allow.
MEANWHILE: Mapping[str, str] = MappingProxyType(
    {
        "asked": said("A second member of staff has to confirm this first."),
        "confirmed": said("A colleague has confirmed this already; custody begins to count the day now."),
        "waiting": said("The day in which the participant can stop this is not over."),
        "code": said("A code was handed over already."),
        "taken": said("The code has just been used; the new words are being put into their place."),
        "done": said("This is done: the participant has new words."),
        "cancelled": said("This was stopped meanwhile. Nothing was changed."),
        "expired": said("This has lapsed. Ask for new words again."),
    }
)

_LAPSES: Mapping[str, Callable[[Any], datetime | None]] = MappingProxyType(
    {
        "asked": lambda row: row.asked_at + CONFIRM_WITHIN,
        "confirmed": lambda row: None,
        "waiting": lambda row: row.ready_at + FETCH_WITHIN,
        "code": lambda row: row.code_at + CODE_LASTS,
        "taken": lambda row: None,
    }
)


def state_after(state: str, act: str) -> str:
    """The state after an act. Raises `Conflict` where it does not fit."""
    try:
        return TRANSITIONS[act][state]
    except KeyError:
        raise Conflict(MEANWHILE[state]) from None


def lapses_at(row: Any) -> datetime | None:
    """When a reset ends by itself if nothing happens; None while it does not, and for one that has ended."""
    return _LAPSES[row.state](row) if row.state in _LAPSES else None


def has_lapsed(row: Any, *, now: datetime) -> bool:
    """Whether a running reset has been left alone for too long."""
    ends = lapses_at(row)
    return ends is not None and ends <= now


def reset_code_hash(code: str) -> bytes:
    """What the registry keeps of a reset code (in its printed form): 32 bytes of SHA-256 over its 60 random bits."""
    return hashlib.sha256(b"studyportal reset code 1:" + code.encode()).digest()
