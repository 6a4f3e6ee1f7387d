"""Offer to take over what the entry before says: a button in the form, and what it fills in once it is pressed.

The form says on which day that entry was; its answers are opened with the writer's own key when the button is pressed,
and are in no page before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms.form import BaseForm

from studyportal.errors import CannotOpen, NotFound, NotFresh
from studyportal.intake.course.opening import OwnEntry, own_entries, own_key
from studyportal.intake.course.repeating import NOW, Former, carried_items, fields_of, former, offers, taken_over
from studyportal.intake.enrolment.visitors import caller, session_token
from studyportal.protocol import Instrument
from studyportal.saying import said
from studyportal.web.here import here

NOTHING_BEFORE = said("There is no entry before this one to take over from.")


@dataclass(frozen=True, slots=True)
class Offer:
    """One button: what it fills in, and the day and moment of the entry before; None on a page that a phone keeps,
    which knows nobody. `now`: it fills in the present moment, too."""

    names: Sequence[str]
    day: date | None
    written_at: datetime | None
    now: bool


def offered(instrument: Instrument) -> Sequence[Offer]:
    """The buttons of this form for whoever is signed in; none where nothing was written before."""
    if not carried_items(instrument):
        return []
    entries = _own()
    found = [former(instrument, names, entries, here().protocol) for names in offers(instrument)]
    return [_offer(instrument, one.names, one) for one in found if one is not None]


def offered_offline(instrument: Instrument) -> Sequence[Offer]:
    """The buttons of a form that a phone keeps, which shows them if it knows an entry before."""
    return [_offer(instrument, names, None) for names in offers(instrument)]


def _offer(instrument: Instrument, names: Sequence[str], found: Former | None) -> Offer:
    asks_when = any(instrument.items[name].kind in NOW for name in names)
    return Offer(names, found and found.day, found and found.written_at, asks_when)


def place(form: BaseForm, instrument: Instrument, offers: Sequence[Offer]) -> Offer | None:
    """Put each button at its question; the one for the whole form is given back."""
    if instrument.on_demand:
        return next(iter(offers), None)
    for one in offers:
        form[one.names[0]].same = one  # type: ignore[attr-defined]
    return None


def fill(
    instrument: Instrument, asked: str, typed: MultiDict[str, str], *, now: datetime
) -> tuple[MultiDict[str, str], date]:
    """What was typed with what a button fills in, and the day that it is from. Raises `NotFound` for another button,
    and where nothing was written before."""
    found = _found(instrument, asked)
    return taken_over(instrument, found, typed, zone=caller().enrolled.zone, now=now), found.day


def for_a_script(instrument: Instrument, asked: str, *, now: datetime) -> dict[str, Any]:
    """The same for a form that is open in a browser: the fields of all that the button stands for."""
    found = _found(instrument, asked)
    fields = fields_of(instrument, found, MultiDict(), zone=caller().enrolled.zone, now=now)
    return {"day": found.day.isoformat(), "at": found.written_at.isoformat(), "fields": fields.to_dict(flat=False)}


def _found(instrument: Instrument, asked: str) -> Former:
    names = next((names for names in offers(instrument) if " ".join(names) == asked), None)
    found = former(instrument, names, _own(), here().protocol) if names else None
    if found is None:
        raise NotFound(NOTHING_BEFORE)
    return found


def _own() -> Sequence[OwnEntry]:
    """Everything that they wrote; nothing in a session that does not open."""
    protocol = here().protocol
    try:
        key = own_key(caller(), session_token(request), study=protocol.study.code)
    except (CannotOpen, NotFresh):
        return []
    return own_entries(caller(), key, protocol=protocol)
