"""Show how many go on, week by week, as steps that fall, with how many are followed below, as survival curves have
it."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from studyportal.charts.chart import Chart, ChartTable, values
from studyportal.charts.theme import ABOVE, CONTEXT

WIDTH, HEIGHT, MOST_NUMBERS = 520, 240, 6


@dataclass(frozen=True, slots=True)
class Left:
    """The share that goes on after a week, in per cent (None if not shown), its interval, and how many people are
    followed."""

    week: int
    share: float | None
    people: str
    low: float | None = None
    high: float | None = None

    @property
    def words(self) -> str:
        return "not shown" if self.share is None else f"{self.share:.0f} %"


def retained(
    points: Sequence[Left], *, title: str, measure: str, followed: str = "People", interval: str = "", note: str = ""
) -> Chart:
    """Steps over weeks from 0 to 100 %; a share that is not shown is a gap. `followed` names the numbers below."""
    rows = [
        {"week": one.week, "share": one.share, "low": one.low, "high": one.high, "people": one.people} for one in points
    ]
    weeks = [one.week for one in points]
    numbered = _spread(points)
    begins, ends = min(weeks, default=0), max([*weeks, min(weeks, default=0) + 1])
    domain = alt.Scale(domain=[begins, ends], nice=False)

    def x(*, below: bool) -> alt.X:
        axis = None if below else alt.Axis(format="d", values=[one.week for one in numbered], grid=False)
        return alt.X("week:Q", title="Study week", scale=domain, axis=axis)

    scale = alt.Scale(domain=[0, 100], nice=False)
    y = alt.Y("share:Q", title=measure, scale=scale, axis=alt.Axis(tickCount=5, **ABOVE))
    base = alt.Chart(values(rows)).encode(x=x(below=False))
    layers: list[alt.Chart] = []
    if any(one.low is not None for one in points):
        bands = base.mark_area(opacity=0.18, interpolate="step-after", invalid="break-paths-show-domains")
        layers.append(bands.encode(y=alt.Y("low:Q", scale=scale), y2=alt.Y2("high:Q")))
    tip = [
        alt.Tooltip("week:Q", title="Week"),
        alt.Tooltip("share:Q", title=measure),
        alt.Tooltip("people:N", title=followed),
    ]
    layers.append(
        base.mark_line(strokeWidth=2, interpolate="step-after", invalid="break-paths-show-domains").encode(
            y=y, tooltip=tip
        )
    )
    if last := [one for one in points if one.share is not None][-1:]:
        end = alt.Chart(values([{"week": one.week, "share": one.share, "words": one.words} for one in last]))
        layers.append(
            end.mark_text(align="left", dx=8, fontWeight=600).encode(x=x(below=False), y=y, text=alt.Text("words:N"))
        )
    curve = alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)
    numbers = [{"week": one.week, "words": one.people, "row": followed} for one in numbered]
    below = (
        alt.Chart(values(numbers))
        .mark_text(style=CONTEXT)
        .encode(
            x=x(below=True),
            y=alt.Y("row:N", title=None, axis=alt.Axis(ticks=False, domain=False, grid=False, labelPadding=22)),
            text=alt.Text("words:N"),
        )
        .properties(width=WIDTH, height=18)
    )
    drawn = alt.vconcat(curve, below, spacing=4)
    heads = ("Study week", measure, *((interval,) if interval else ()), followed)
    lines = tuple((str(one.week), one.words, *((_range(one),) if interval else ()), one.people) for one in points)
    is_blank = all(one.share is None for one in points)
    return Chart(title=title, drawn=drawn, table=ChartTable(title, heads, lines), note=note, is_blank=is_blank)


def _spread(points: Sequence[Left]) -> Sequence[Left]:
    """As many of the weeks as have room for their numbers, evenly spread."""
    step = max(1, -(-len(points) // MOST_NUMBERS))
    return points[::step]


def _range(one: Left) -> str:
    return "" if one.low is None or one.high is None else f"{one.low:.0f} to {one.high:.0f} %"
