"""What a grant is to say: which questions, how closely, until when. Never more than was asked for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from studyportal.custody.days import end_of
from studyportal.errors import Invalid
from studyportal.workbench.applications import Wanted
from studyportal.workbench.levels import LEVELS, is_within

# An approval is looked at again at least every two years.
LONGEST = timedelta(days=731)
WITHIN = "An approval ends on a day within the next two years."


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of a grant."""

    items: tuple[str, ...]
    level: str
    expires_at: datetime


def check_expiry(expires_at: datetime, *, now: datetime) -> None:
    """Raise `Invalid` unless it lies within the next two years."""
    if not now < expires_at <= now + LONGEST:
        raise Invalid(WITHIN, {"expires_on": WITHIN})


def granted(terms: Terms, wanted: Wanted, *, known: Collection[str], now: datetime) -> Terms:
    """The terms, with the questions in the study's order. `known` are those that the study releases.

    Raises `Invalid` for what was not asked for, what is not released, and a day out of bounds.
    """
    problems = {}
    if not terms.items:
        problems["items"] = "Grant at least one question, or refuse the request."
    elif not set(terms.items) <= set(wanted.items) & set(known):
        problems["items"] = "Grant only questions that were asked for."
    if terms.level not in LEVELS or not is_within(terms.level, wanted.level):
        problems["level"] = "Grant no closer look than was asked for."
    if not now < terms.expires_at <= now + LONGEST:
        problems["expires_on"] = WITHIN
    elif terms.expires_at > end_of(wanted.wanted_until):
        problems["expires_on"] = "Give a day no later than was asked for."
    if problems:
        raise Invalid("This approval needs another look.", problems)
    return Terms(
        items=tuple(name for name in known if name in set(terms.items)), level=terms.level, expires_at=terms.expires_at
    )
