"""Show a mean week by week, with what is known of its spread and how many it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from studyportal.charts.chart import Chart, ChartTable, values
from studyportal.charts.theme import ABOVE


@dataclass(frozen=True, slots=True)
class Week:
    """One study week: its number, the mean and its interval where they may be shown, and who it comes from in words."""

    number: int
    mean: float | None
    low: float | None = None
    high: float | None = None
    people: str = ""

    @property
    def words(self) -> str:
        """The mean as a table has it."""
        return "not shown" if self.mean is None else f"{self.mean:.1f}"

    @property
    def range(self) -> str:
        """The interval as a table has it."""
        return "" if self.low is None or self.high is None else f"{self.low:.1f} to {self.high:.1f}"


def weekly_means(
    weeks: Sequence[Week], *, title: str, measure: str, low: float, high: float, interval: str = "", note: str = ""
) -> Chart:
    """A line over study weeks on the whole scale from `low` to `high`. A week whose mean is not shown is a gap.

    `measure` names the axis with its unit; `interval` says what the band is ("95 % confidence interval").
    """
    rows = [
        {"week": week.number, "mean": week.mean, "low": week.low, "high": week.high, "people": week.people}
        for week in weeks
    ]
    base = alt.Chart(values(rows)).encode(
        x=alt.X(
            "week:Q",
            title="Study week",
            scale=alt.Scale(domain=_span([week.number for week in weeks]), nice=False, padding=8),
            axis=alt.Axis(format="d", tickMinStep=1, grid=False),
        )
    )
    scale = alt.Scale(domain=[low, high])
    layers: list[alt.Chart] = []
    if any(week.low is not None for week in weeks):
        layers.append(
            base.mark_area(opacity=0.18).encode(y=alt.Y("low:Q", title=measure, scale=scale), y2=alt.Y2("high:Q"))
        )
    layers.append(
        base.mark_line(
            point=alt.OverlayMarkDef(filled=True, size=30), strokeWidth=2, invalid="break-paths-show-domains"
        ).encode(
            y=alt.Y("mean:Q", title=measure, scale=scale, axis=alt.Axis(tickCount=5, **ABOVE)),
            tooltip=[alt.Tooltip("week:Q", title="Week"), alt.Tooltip("mean:Q", title=measure), "people:N"],
        )
    )
    drawn = alt.layer(*layers).properties(width=560, height=170)
    heads = ("Study week", measure, *((interval,) if interval else ()), "People")
    lines = tuple(
        (
            str(week.number),
            week.words,
            *((week.range,) if interval else ()),
            week.people,
        )
        for week in weeks
    )
    # One point is no course.
    is_blank = sum(week.mean is not None for week in weeks) < 2
    return Chart(title=title, drawn=drawn, table=ChartTable(title, heads, lines), note=note, is_blank=is_blank)


def _span(numbers: Sequence[int]) -> list[int]:
    """From the first week to the last; said outright, since a browser finds no span where nothing may be shown."""
    first, last = min(numbers, default=0), max(numbers, default=1)
    return [first, last] if first < last else [first - 1, last + 1]
