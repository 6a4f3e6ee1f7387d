"""What was corrected, from what to what, and why. Pure. The first entry stays; both are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from studyportal.desk import Entry
from studyportal.protocol import Protocol
from studyportal.web.course.lines import Line, instrument_of
from studyportal.web.telling import told

NOTHING = "No answer"


@dataclass(frozen=True, slots=True)
class Correction:
    """One entry that corrects another. `changes` are (asked, before, now); None if the one before was not opened."""

    line: Line
    changes: Sequence[tuple[str, str, str]] | None = field(repr=False)


def corrections(lines: Sequence[Line], entries: Mapping[UUID, Entry], protocol: Protocol) -> Sequence[Correction]:
    """The corrections in these lines, the latest first."""
    return [
        Correction(line, _changes(line, entries.get(line.entry.amends), protocol))  # type: ignore[arg-type]
        for line in reversed(lines)
        if line.is_corrected
    ]


def _changes(line: Line, before: Entry | None, protocol: Protocol) -> Sequence[tuple[str, str, str]] | None:
    if before is None:
        return None
    then = dict(told(before, instrument_of(before, protocol)))  # type: ignore[arg-type]
    now = dict(told(line.entry, line.instrument))  # type: ignore[arg-type]
    asked = [*now, *(one for one in then if one not in now)]
    return [(one, then.get(one, NOTHING), now.get(one, NOTHING)) for one in asked if then.get(one) != now.get(one)]
