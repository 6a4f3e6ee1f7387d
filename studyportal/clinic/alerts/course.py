"""Say what can be done about an alert, how it can end, and what its history was. Pure.

Codes stand in clear in the registry, so none of them says what a participant answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from studyportal.protocol.document import Alert, Protocol

# What was done. In the past tense, as it stands in the history.
ACTS: Mapping[str, str] = {
    "called_reached": "Called, and talked with the participant",
    "called_not_reached": "Called, and did not reach anybody",
    "wrote": "Wrote to the participant",
    "saw": "Saw the participant in person",
    "asked_colleague": "Asked a colleague or a doctor",
    "emergency": "Called emergency services",
    "looked": "Looked at the diary",
    "other": "Something else (say what in the note)",
}

# How it ended.
OUTCOMES: Mapping[str, str] = {
    "settled": "Settled: nothing more is needed",
    "goes_on": "Care goes on outside the study",
    "not_reached": "Not reached, after all that the clinic's plan asks for",
    "no_contact": "The site knows no way to reach this person",
    "mistake": "The participant had chosen an answer by mistake",
    "other": "Something else (say what in the note)",
}

FILTERS: Mapping[str, str] = {"open": "Not closed", "mine": "In my hands", "closed": "Closed"}

UNKNOWN = "An account that is gone"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an alert's history: when, who ("" for nobody of the staff), what, and whether a note belongs to
    it."""

    at: datetime
    who: str
    words: str
    event: UUID | None = None


def history(row: Any, events: Sequence[Any], mails: Sequence[Any], names: Mapping[UUID, str]) -> Sequence[Line]:
    """What happened with an alert, in order; `row`, `events` and `mails` are the registry's rows, `names` of
    accounts."""
    lines = [Line(row.raised_at, "", RAISED[row.source])]
    for one in events:
        words = TOLD[one.what](one, names)
        lines.append(Line(one.at, names.get(one.account, UNKNOWN), words, one.id if one.has_note else None))
    for mail in mails:
        whom = MAILED[mail.step]
        lines.append(Line(mail.wanted_at, "", f"Waited too long; a mail to {whom} became due"))
        if mail.sent_at:
            lines.append(Line(mail.sent_at, "", f"The mail to {whom} was sent"))
        elif mail.dropped_at:
            lines.append(Line(mail.dropped_at, "", f"The mail to {whom} was no longer needed"))
        elif mail.failures:
            times = "once" if mail.failures == 1 else f"{mail.failures} times"
            lines.append(Line(mail.wanted_at, "", f"The mail to {whom} failed {times}; it is tried again"))
    return sorted(lines, key=lambda line: line.at)


RAISED: Mapping[str, str] = {
    "entry": "Raised by an entry",
    "history": "Raised by an entry together with earlier ones",
}

MAILED: Mapping[int, str] = {1: "the site", 2: "whoever watches over the study"}


def _handed(event: Any, names: Mapping[UUID, str]) -> str:
    if event.receiver == event.account:
        return "Took it over"
    return f"Handed it over to {names.get(event.receiver, UNKNOWN)}"


# What each kind of event is called; the registry's check lists the same kinds.
TOLD = {
    "acknowledged": lambda event, names: "Took it on",
    "acted": lambda event, names: ACTS.get(event.code, event.code),
    "handed_over": _handed,
    "closed": lambda event, names: f"Closed. {OUTCOMES.get(event.code, event.code)}",
    "noted": lambda event, names: "Added a note",
}


def alerts_named(protocol: Protocol, names: Sequence[str]) -> Sequence[Alert]:
    """The alerts of these names, as the newest version of the study that has them words them."""
    versions = [protocol, *reversed(protocol.earlier.values())]
    found = [next((one.alerts[name] for one in versions if name in one.alerts), None) for name in names]
    return [alert for alert in found if alert is not None]
