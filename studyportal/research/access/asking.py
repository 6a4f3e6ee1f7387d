"""Bring what a researcher asks for into the one form in which it is kept, or say what to change.

Words stay as they were written, in every script; what only steers how text is shown is taken out, because the custodian
must read what the researcher wrote.
"""

import unicodedata
from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

from studyportal.errors import Invalid
from studyportal.workbench.applications import Wanted
from studyportal.workbench.levels import LEVELS

# Ethics approvals are commonly reviewed within five years; a later day is a slip of the year.
LONGEST = timedelta(days=5 * 366)
LONGEST_PURPOSE, LONGEST_PLAN = 4000, 10_000
# Signs that turn the direction of what follows by force; scripts that run from right to left need none of them.
_STEERING = ("Cc", "Cs")
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e")


def plain_text(text: str) -> str:
    """A text without control signs, lines kept."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = (
        sign for sign in lines if sign == "\n" or (unicodedata.category(sign) not in _STEERING and sign not in _TURNING)
    )
    return "".join(kept).strip()


def one_line(text: str) -> str:
    """The same on one line."""
    return " ".join(plain_text(text.replace("\t", " ")).split())


def asked_for(wanted: Wanted, *, known: Collection[str], today: date) -> Wanted:
    """What is asked for, as it is kept; `known` are the questions that this study releases. Raises `Invalid`."""
    problems = {}
    if wanted.wanted_until <= today:
        problems["wanted_until"] = "Give a day in the future."
    elif wanted.wanted_until > today + LONGEST:
        problems["wanted_until"] = "Give a day within the next five years."
    if not wanted.items or not set(wanted.items) <= set(known):
        problems["items"] = "Choose questions from the list."
    if wanted.level not in LEVELS:
        problems["level"] = "Choose one of the two levels."
    clean = replace(
        wanted,
        title=one_line(wanted.title),
        purpose=plain_text(wanted.purpose),
        plan=plain_text(wanted.plan),
        ethics_reference=one_line(wanted.ethics_reference),
        items=tuple(name for name in known if name in set(wanted.items)),
    )
    for name in ("title", "purpose", "plan", "ethics_reference"):
        if not getattr(clean, name):
            problems[name] = "Write something that can be read."
    if problems:
        raise Invalid("This request needs another look.", problems)
    return clean
