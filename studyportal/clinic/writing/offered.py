"""Say what staff can write for a participant at a moment, and as whose words it counts. Pure.

Never offered: what is asked before consent, and what follows an event, because which entry the event was stands inside
a seal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from studyportal.protocol import Instrument, Protocol
from studyportal.web.answering.standing import Given, Standing, standing


@dataclass(frozen=True, slots=True)
class Offer:
    """One form; `standing` is None for what can be written at any time."""

    instrument: Instrument
    standing: Standing | None

    @property
    def number(self) -> int | None:
        """The occasion that would be written now; None for none, and for what has no occasions."""
        current = self.standing.current if self.standing else None
        return current.number if current else None

    @property
    def is_open(self) -> bool:
        return self.standing is None or self.standing.is_due


def source_of(instrument: Instrument) -> str:
    """Whose words an entry is that staff write: their own, or a participant's on the phone."""
    return "clinician" if instrument.by == "clinician" else "phone"


def can_be_written(instrument: Instrument) -> bool:
    """Whether staff can write this at all."""
    return instrument.schedule.form != "before_consent" and not instrument.schedule.after


def offers(protocol: Protocol, given: Given, *, by: str, start: date, zone: str, now: datetime) -> Sequence[Offer]:
    """What staff can write for somebody, of the instruments that are filled in `by` "clinician" or "participant"."""
    return [
        Offer(
            one,
            standing(one, given, start=start, zone=zone, now=now) if one.schedule.has_occasions else None,
        )
        for one in protocol.instruments.values()
        if one.by == by and can_be_written(one)
    ]
