"""What came since somebody last read for this participant. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from studyportal.protocol import Instrument, local_date
from studyportal.web.course.lines import Line


@dataclass(frozen=True, slots=True)
class Since:
    """What is new since a visit at a moment: how many entries came, how many of each kind that was opened, how many
    occasions were missed, how many alerts were raised and closed."""

    at: datetime
    entries: int
    kinds: Sequence[tuple[str, int]]
    missed: int
    raised: int
    closed: int


def since_of(
    visit: Any,
    lines: Sequence[Line],
    states: Mapping[str, tuple[Instrument, Mapping[date, str]]],
    alerts: Sequence[Any],
    came: int,
    *,
    zone: str,
) -> Since:
    """`visit` is the registry's row of the visit (begun_at), `came` how many entries have arrived after it."""
    at, kinds = visit.begun_at, dict[str, int]()
    for line in lines:
        if line.entry.received_at > at:
            kinds[line.title] = kinds.get(line.title, 0) + 1
    first = local_date(at, zone)
    missed = sum(state == "missed" and on >= first for _, days in states.values() for on, state in days.items())
    return Since(
        at=at,
        entries=came,
        kinds=sorted(kinds.items(), key=lambda one: -one[1]),
        missed=missed,
        raised=sum(row.raised_at > at for row in alerts),
        closed=sum(row.closed_at is not None and row.closed_at > at for row in alerts),
    )
