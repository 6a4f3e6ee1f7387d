"""Say how long each person was followed, and which of these weeks a pause of theirs touched. Pure.

In whole study weeks of their own, never in dates. A week is over when its last day is, in the person's zone. Two
numbers: the weeks that were over when the snapshot was published, and those that were over while the person still took
part, which are fewer for whoever stopped: nothing was due of them later, but they have not gone on either. Both are
rounded down to a multiple of four: finer, they would be nearly the day on which somebody began. So the first four weeks
are nought weeks, and nobody is counted before they are over. Pauses are said only of weeks that are counted: a later
one would tell more than the numbers do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pyarrow as pa

from studyportal.protocol.schedules import Pause
from studyportal.protocol.schedules.durations import local_date
from studyportal.registry.sharing import Sharing

# facts on disclosure: follow-up is a quasi-identifier, in bins of four weeks.
STEP = 4
# Ten years: a clock or a start that was wrong must not make tables of any size.
LONGEST = 520
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Followed:
    """Study weeks since the start and those that were over when somebody took part, multiples of four; of the latter
    those that a pause touched, ascending."""

    weeks_since_start: int
    weeks_over: int
    paused_weeks: tuple[int, ...]


def followed(share: Sharing, pauses: Sequence[Pause], *, now: datetime) -> Followed:
    """How long somebody who shares had been followed by `now`."""
    end = now if share.until is None else min(now, share.until)
    over = _weeks(end, share)
    touched = {week for pause in pauses for week in _touched(pause, share, end) if 1 <= week <= over}
    return Followed(_weeks(now, share), over, tuple(sorted(touched)))


def _touched(pause: Pause, share: Sharing, end: datetime) -> range:
    """The study weeks in which there is a moment of this pause."""
    until = end if pause.until is None else min(end, pause.until)
    if until <= pause.began_at:
        return range(0)
    return range(_days(pause.began_at, share) // 7 + 1, _days(until - _INSTANT, share) // 7 + 2)


def _weeks(moment: datetime, share: Sharing) -> int:
    """The study weeks that are over at a moment, rounded down."""
    whole = min(LONGEST, _days(moment, share) // 7)
    return max(0, whole - whole % STEP)


def _days(moment: datetime, share: Sharing) -> int:
    """The study days that are over at a moment."""
    began: date = share.started_on
    return (local_date(moment, share.zone) - began).days


def weeks_over_table(people: Mapping[int, Followed]) -> pa.Table:
    """The table of these people, by index."""
    by_index = sorted(people.items())
    return pa.table(
        {
            "index": pa.array([index for index, _ in by_index], pa.int32()),
            "weeks_since_start": pa.array([one.weeks_since_start for _, one in by_index], pa.int32()),
            "weeks_over": pa.array([one.weeks_over for _, one in by_index], pa.int32()),
            "paused_weeks": pa.array([one.paused_weeks for _, one in by_index], pa.list_(pa.int32())),
        }
    )
