"""Say of answers what would become of them: kept how, released how, and who would be called. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from studyportal.intake.course.telling import TELL
from studyportal.protocol import KINDS, TREATMENTS, Answers, Instrument, Protocol
from studyportal.protocol.document import Alert
from studyportal.protocol.expressions import is_true


class Line(NamedTuple):
    """One question: the answer in words ("" if there is none), and what a researcher could get of it."""

    ask: str
    answer: str
    released: str


def would_keep(instrument: Instrument, answers: Answers) -> Sequence[Line]:
    """Every question of an instrument that can have an answer, with the one that was given."""
    kept = answers.to_wire()
    lines = []
    for name, item in instrument.items.items():
        if KINDS[item.kind].type == "nothing":
            continue
        told = TELL[item.kind](item, kept[name]) if name in kept else item.missing.get(answers.missing.get(name, ""), "")
        lines.append(Line(item.ask, told, TREATMENTS[item.release.treatment].describe(item)))
    return lines


def raised(protocol: Protocol, instrument: Instrument, answers: Answers) -> Sequence[Alert]:
    """The alerts that these answers alone raise; those that need former entries cannot be told here."""
    kept = answers.to_wire()
    return [
        alert
        for alert in protocol.alerts.values()
        if alert.instrument == instrument.name and not alert.reads_former and is_true(alert.when, kept)
    ]
