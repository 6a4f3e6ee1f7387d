"""Dose day against the day after and the second day after: each person's own means, and how they differ within people.

A snapshot holds the study day of every entry and the hour of a dose, no more. So a dose counts for the day under which
it was written down, also if it was taken after that day's diary, and a day without an entry of a dose counts as one
without a dose.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from studyportal.charts.dots import Dot, dots
from studyportal.research.disclosure import Measured, ProtectedTable, Row
from studyportal.research.results.cohort import CUT_OFF, HOW_INTERVALS, INTERVAL, Cohort, Finding, Mean
from studyportal.research.snapshot.codebook import ReleasedInstrument, ReleasedItem, phrase
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.statistics.cycle import (
    DAY_AFTER,
    DOSE_DAY,
    SECOND_DAY_AFTER,
    by_day_of_cycle,
    days_of_cycle,
    differences,
)
from studyportal.statistics.estimates import Numbers

NAMES = {DOSE_DAY: "Dose day", DAY_AFTER: "Day after", SECOND_DAY_AFTER: "Second day after"}
AGAINST = {day: f"{NAMES[day]} minus second day after" for day in (DOSE_DAY, DAY_AFTER)}


def day_of_cycle(cohort: Cohort, item: ReleasedItem, doses: ReleasedInstrument) -> Finding:
    """An item of a daily diary, by the days since the last entry of `doses`."""
    assert item.minimum is not None and item.maximum is not None, "only numbers with limits have a mean"
    low, high = item.minimum, item.maximum
    found = numbers_by_day(cohort.snapshot, item, doses)
    about = f"{item.address} by {doses.name}"
    cells = {day: Measured(f"{about} {day}", values, low, high) for day, values in found.items()}
    # Each with its own: the days of a kind that somebody has many of differ less between people.
    means = {NAMES[day]: cohort.measured(of, deviation=cohort.deviation(of)) for day, of in cells.items()}
    most = (high - low) / 2
    apart = {
        words: _difference(cohort, Measured(f"{about} {day} apart", differences(found, day), -most, most))
        for day, words in AGAINST.items()
    }
    title = phrase(item.ask, "by day of the cycle")
    rows = tuple(Row(name, one.cells) for name, one in {**means, **apart}.items())
    method = f"{cohort.snapshot.engine.method} {HOW_INTERVALS}"
    table = ProtectedTable(title, ("Day of the cycle", "People", "Mean", INTERVAL), rows, method)
    note = "Lines are 95 % intervals."
    pictures = (
        dots(_dots(means), title=title, measure=item.scale or "Mean", interval=INTERVAL, note=note),
        dots(
            _dots(apart), title=phrase(item.ask, "differences within people"), measure="Difference, points", middle=0,
            interval=INTERVAL, note=f"{note} At 0, the days do not differ.",
        ),
    )  # fmt: skip
    says = (
        f"“{item.ask}” on days with an entry of “{doses.title}”, on the day after and on the second day after, as long as there "
        "was no other in between (Polito and Stevenson 2019). Each person's days of a kind are averaged first. Differences are those of people who have both kinds of days. "
        f"{CUT_OFF} "
        "A dose counts for the day under which it was written down; a day without an entry counts as a day without a dose. Dose days are chosen by the people themselves, "
        "so a difference does not show what a dose does."
    )
    return Finding(table, pictures, says)


def numbers_by_day(snapshot: OpenedSnapshot, item: ReleasedItem, doses: ReleasedInstrument) -> Mapping[int, Numbers]:
    """Everybody's own mean of each day of the cycle, from study day 1 on."""

    def made() -> Mapping[int, Numbers]:
        diary, taken = snapshot.rows(item.instrument), snapshot.rows(doses.name)
        person, day = _ints(diary, "index"), _ints(diary, "study_day")
        value = diary.column(item.name).cast(pa.float64()).to_numpy(zero_copy_only=False)
        cycle = days_of_cycle(person, day, dosed=_ints(taken, "index"), dosed_on=_ints(taken, "study_day"))
        return by_day_of_cycle(cycle, person, np.where(day >= 1, value, np.nan), places=snapshot.roll.places)

    return snapshot.kept(("day of cycle", item.address, doses.name), made)


def _difference(cohort: Cohort, of: Measured) -> Mean:
    return cohort.measured(of, deviation=cohort.deviation(of))


def _dots(means: Mapping[str, Mean]) -> list[Dot]:
    return [
        Dot(
            name,
            one.mean.value,
            one.low,
            one.high,
            one.people.text,
            "" if one.mean.value is not None else one.mean.text,
        )
        for name, one in means.items()
    ]


def _ints(rows: pa.Table, name: str) -> np.ndarray:
    return rows.column(name).to_numpy().astype(np.int64)
