"""Show the weeks of several groups on one scale: two as lines named at their ends, more each in a picture of its own,
with the others behind it in grey, because bands that lie on each other cannot be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

import altair as alt

from studyportal.charts.chart import Chart, ChartTable, values
from studyportal.charts.theme import ABOVE, CONTEXT_LINE
from studyportal.charts.weekly import Week

WIDTH, HEIGHT, LINE, LETTERS = 520, 260, 15, 16
# Of each of several pictures, and the letters of its axis' name in one line.
LOW, NARROW = 104, 16
# More pictures below each other are not compared.
MOST_TOGETHER, MOST = 2, 8
# With more weeks than these, points of the usual size would run into each other on a phone.
CROWDED = 16
SHAPES = ("circle", "square")


@dataclass(frozen=True, slots=True)
class Group:
    """The line of one group, and its name."""

    name: str
    weeks: Sequence[Week]


@dataclass(frozen=True, slots=True)
class _Frame:
    """What all lines share: the weeks, the scale, what it measures, and where nothing has changed, if there is such a
    line."""

    weeks: Sequence[int]
    low: float
    high: float
    measure: str
    middle: float | None

    def x(self, *, is_last: bool = True) -> alt.X:
        return alt.X(
            "week:Q",
            title="Study week" if is_last else None,
            scale=alt.Scale(domain=[min(self.weeks, default=1), max([*self.weeks, 2])], nice=False, padding=6),
            axis=alt.Axis(format="d", tickMinStep=1, grid=False, labels=is_last, ticks=is_last),
        )

    def y(self, field: str, *, title: str | list[str]) -> alt.Y:
        over = ABOVE if isinstance(title, str) else {}
        return alt.Y(
            f"{field}:Q",
            title=title,
            scale=alt.Scale(domain=[self.low, self.high], nice=False),
            axis=alt.Axis(tickCount=5, titleLineHeight=LINE, **over),
        )


def courses(
    groups: Sequence[Group],
    *,
    title: str,
    measure: str,
    low: float,
    high: float,
    middle: float | None = None,
    interval: str = "",
    note: str = "",
) -> Chart:
    """The course of at most eight groups. A week whose mean is not shown is a gap.

    `measure` names the axis with its unit; `interval` says what the bands are ("95 % confidence interval"); at `middle`
    lies a line, such as no change.
    """
    if len(groups) > MOST:
        raise ValueError("more groups than anybody compares")
    weeks = sorted({week.number for one in groups for week in one.weeks})
    frame = _Frame(weeks, low, high, measure, middle)
    if len(groups) <= MOST_TOGETHER:
        drawn: alt.LayerChart | alt.VConcatChart = _together(groups, frame)
    else:
        last = len(groups) - 1
        parts = [_alone(groups, at, frame, is_last=at == last) for at in range(len(groups))]
        # Said at once: to say it afterwards would copy every part.
        drawn = alt.vconcat(*parts, spacing=14, resolve=alt.Resolve(scale={"x": "shared"}))
    # One point is no course.
    is_blank = all(sum(week.mean is not None for week in one.weeks) < 2 for one in groups)
    return Chart(title=title, drawn=drawn, table=_table(groups, title, measure, interval), note=note, is_blank=is_blank)


def _together(groups: Sequence[Group], frame: _Frame) -> alt.LayerChart:
    order = [str(at) for at in range(len(groups))]
    base = _data([(at, one) for at, one in enumerate(groups)]).encode(x=frame.x())
    colour = alt.Color("group:N", scale=alt.Scale(domain=order), legend=None)
    shape = alt.Shape("group:N", scale=alt.Scale(domain=order, range=list(SHAPES[: len(order)])), legend=None)
    layers = _lines(base.encode(color=colour), frame, frame.measure, shape=shape)
    if len(groups) > 1:
        # One alone is what the title says.
        names = alt.Chart(values(_names(groups, frame.low, frame.high)))
        layers.append(
            names.mark_text(align="left", baseline="middle", dx=12, fontWeight=600).encode(
                x=alt.XValue("width"), y=frame.y("at", title=frame.measure), text=alt.Text("words:N"), color=colour
            )
        )
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)


def _alone(groups: Sequence[Group], at: int, frame: _Frame, *, is_last: bool) -> alt.LayerChart:
    x, measure = frame.x(is_last=is_last), wrap(frame.measure, NARROW)
    others = _data([(other, one) for other, one in enumerate(groups) if other != at])
    behind = others.mark_line(strokeWidth=1, style=CONTEXT_LINE, invalid="break-paths-show-domains")
    base = _data([(at, groups[at])]).encode(x=x)
    return alt.layer(
        behind.encode(x=x, y=frame.y("mean", title=measure), detail=alt.Detail("group:N")),
        *_lines(base, frame, measure),
    ).properties(
        width=WIDTH,
        height=LOW,
        title=alt.TitleParams(groups[at].name, anchor="start", frame="group", fontSize=12, offset=6),
    )


def _data(groups: Sequence[tuple[int, Group]]) -> alt.Chart:
    rows = [
        {"group": str(at), "name": one.name, "week": week.number, "mean": week.mean, "low": week.low, "high": week.high}
        | {"people": week.people}
        for at, one in groups
        for week in one.weeks
    ]
    return alt.Chart(values(tuple(rows)))


def _lines(base: alt.Chart, frame: _Frame, title: str | list[str], **marked: alt.Shape) -> list[alt.Chart]:
    """The band, the line and its points; first the line where nothing has changed."""
    tip = [
        alt.Tooltip("name:N", title="Group"), alt.Tooltip("week:Q", title="Week"),
        alt.Tooltip("mean:Q", title=frame.measure), alt.Tooltip("people:N", title="People"),
    ]  # fmt: skip
    y = frame.y("mean", title=title)
    layers = [
        base.mark_area(opacity=0.18, invalid="break-paths-show-domains").encode(
            y=frame.y("low", title=title), y2=alt.Y2("high:Q")
        ),
        base.mark_line(strokeWidth=2, invalid="break-paths-show-domains").encode(y=y, tooltip=tip),
        base.mark_point(filled=True, size=34 if len(frame.weeks) <= CROWDED else 16, opacity=1).encode(
            y=y, tooltip=tip, **marked
        ),
    ]
    if frame.middle is not None:
        line = alt.Chart(values([{"middle": frame.middle}]))
        layers.insert(0, line.mark_rule(strokeDash=[3, 3]).encode(y=frame.y("middle", title=title)))
    return layers


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
