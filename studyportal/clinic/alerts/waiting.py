"""Say how long an alert has waited, and how pressing it looks. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from studyportal.web.words import counted

# Level -> the kind of its look (parts.html) and its word.
LOOKS: Mapping[str, tuple[str, str]] = {
    "urgent": ("urgent", "Urgent"),
    "high": ("attention", "High"),
    "low": ("neutral", "Low"),
}

_UNITS = ((timedelta(days=2), timedelta(days=1), "day"), (timedelta(hours=1), timedelta(hours=1), "hour"))


def age(raised_at: datetime, *, now: datetime) -> str:
    """How long ago, in the largest whole unit: "12 minutes", "30 hours", "4 days"."""
    waited = max(now - raised_at, timedelta())
    for least, unit, word in _UNITS:
        if waited >= least:
            return counted(waited // unit, word, f"{word}s")
    minutes = waited // timedelta(minutes=1)
    return counted(minutes, "minute", "minutes") if minutes else "just now"
