"""Show the weeks of several groups as lines over one scale, each named at its end in its own colour and marked with its own shape."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

import altair as alt

from studyportal.charts.chart import Chart, ChartTable
from studyportal.charts.theme import SERIES
from studyportal.charts.weekly import Week

WIDTH, HEIGHT, LINE, LETTERS = 520, 260, 15, 16
# With more weeks than these, points of the usual size would run into each other on a phone.
CROWDED = 16
SHAPES = ("circle", "square", "triangle-up", "diamond")


@dataclass(frozen=True, slots=True)
class Group:
    """The line of one group, and its name."""

    name: str
    weeks: Sequence[Week]


def courses(
    groups: Sequence[Group], *, title: str, measure: str, low: float, high: float, interval: str = "", note: str = ""
) -> Chart:
    """A line for each of at most four groups. A week whose mean is not shown is a gap.

    `measure` names the axis with its unit; `interval` says what the bands are ("95 % confidence interval").
    """
    if len(groups) > len(SERIES):
        raise ValueError("more lines than colours that eyes can tell apart")
    rows = [
        {"group": str(at), "name": one.name, "week": week.number, "mean": week.mean, "low": week.low, "high": week.high}
        | {"people": week.people}
        for at, one in enumerate(groups)
        for week in one.weeks
    ]
    order = [str(at) for at in range(len(groups))]
    y = alt.Scale(domain=[low, high], nice=False)
    weeks = [week.number for one in groups for week in one.weeks]
    x = alt.X(
        "week:Q",
        title="Study week",
        scale=alt.Scale(domain=[min(weeks, default=1), max([*weeks, 2])], nice=False, padding=6),
        axis=alt.Axis(format="d", tickMinStep=1, grid=False),
    )
    colour = alt.Color("group:N", scale=alt.Scale(domain=order), legend=None)
    base = alt.Chart(alt.Data(values=rows)).encode(x=x, color=colour)
    lines = base.encode(
        y=alt.Y("mean:Q", title=measure, scale=y),
        tooltip=[
            alt.Tooltip("name:N", title="Group"), alt.Tooltip("week:Q", title="Week"),
            alt.Tooltip("mean:Q", title=measure), alt.Tooltip("people:N", title="People"),
        ],
    )  # fmt: skip
    layers: list[alt.Chart] = []
    if any(row["low"] is not None for row in rows):
        bands = base.mark_area(opacity=0.16, invalid="break-paths-show-domains")
        layers.append(bands.encode(y=alt.Y("low:Q", scale=y), y2="high:Q"))
    layers += [
        lines.mark_line(strokeWidth=2, invalid="break-paths-show-domains"),
        lines.mark_point(filled=True, size=34 if len(set(weeks)) <= CROWDED else 16, opacity=1).encode(
            shape=alt.Shape("group:N", scale=alt.Scale(domain=order, range=list(SHAPES[: len(order)])), legend=None)
        ),
        alt.Chart(alt.Data(values=_names(groups, low, high)))
        .mark_text(align="left", baseline="middle", dx=12, fontWeight=600, lineHeight=LINE)
        .encode(x=alt.XValue("width"), y=alt.Y("at:Q", scale=y), text="words:N", color=colour),
    ]
    drawn = alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)
    return Chart(title=title, drawn=drawn, table=_table(groups, title, measure, interval), note=note)


def _names(groups: Sequence[Group], low: float, high: float) -> list[dict[str, object]]:
    """Each name at the height of its line's last point, moved so far that no two lie on each other."""
    lines = [wrap(one.name, LETTERS) or [""] for one in groups]
    ends = [next((week.mean for week in reversed(one.weeks) if week.mean is not None), None) for one in groups]
    # The longest line first: one without any point that may be shown has no name in the picture, but in the table.
    places = sorted((HEIGHT * (high - end) / (high - low), at) for at, end in enumerate(ends) if end is not None)
    found: list[tuple[int, float, float]] = []
    free = 0.0
    for wanted, at in places:
        tall = LINE * len(lines[at])
        top = max(wanted - tall / 2, free)
        found.append((at, top, tall))
        free = top + tall + 3
    below = max(0.0, free - 3 - HEIGHT)
    for place in range(len(found) - 1, -1, -1):
        at, top, tall = found[place]
        most = (found[place + 1][1] - 3 if place + 1 < len(found) else HEIGHT) - tall
        found[place] = (at, min(top, most) if below else top, tall)
    return [
        {"group": str(at), "at": high - (top + LINE * (row + 0.5)) * (high - low) / HEIGHT, "words": words}
        for at, top, _ in found
        for row, words in enumerate(lines[at])
    ]


def _table(groups: Sequence[Group], title: str, measure: str, interval: str) -> ChartTable:
    heads = ("Group", "Study week", measure, *((interval,) if interval else ()), "People")
    lines = tuple(
        (one.name, str(week.number), week.words, *((week.range,) if interval else ()), week.people)
        for one in groups
        for week in one.weeks
    )
    return ChartTable(title, heads, lines)
