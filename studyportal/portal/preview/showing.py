"""Say of answers what would become of them: kept how, and released how. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from studyportal.protocol import KINDS, TREATMENTS, Answers, Instrument
from studyportal.web.telling import TELL


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
        told = (
            TELL[item.kind](item, kept[name]) if name in kept else item.missing.get(answers.missing.get(name, ""), "")
        )
        lines.append(Line(item.ask, told, TREATMENTS[item.release.treatment].describe(item)))
    return lines
