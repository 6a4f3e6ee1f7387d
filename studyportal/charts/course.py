"""Show one person's course: each measure on a track of its own, all over one line of days, with doses as marks
below."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import altair as alt

from studyportal.charts.chart import Chart, ChartTable, values


@dataclass(frozen=True, slots=True)
class Track:
    """One measure: its name with the unit, the ends of its scale, and its value on the days that have one; `step` days
    lie between two values where none is missing."""

    name: str
    low: float
    high: float
    values: Sequence[tuple[date, float]]
    step: int = 1


@dataclass(frozen=True, slots=True)
class Marks:
    """Things that happened on days, such as doses: what they are called, and for each its day and its words."""

    name: str
    days: Sequence[tuple[date, str]]


HEIGHT = 90
MARKS_HEIGHT = 26
TICKS = 8
# The widest that a letter is on average where a page has to do with another type than the one measured.
LETTER = 7


def course(
    tracks: Sequence[Track],
    marks: Sequence[Marks] = (),
    *,
    title: str,
    begins: date,
    ends: date,
    note: str = "",
    height: int = HEIGHT,
) -> Chart:
    """Tracks over the days from `begins` to `ends`; a missing day breaks the line, so that a gap is seen as a gap. Each
    track is `height` points high."""
    scale = alt.Scale(domain=[_day(begins), _day(ends)])
    last = len(tracks) + len(marks) - 1
    # Left to itself, the axis of a few days names each of them twice.
    ticks = alt.TimeIntervalStep(interval="day", step=1) if (ends - begins).days < TICKS else TICKS

    def days(at: int) -> alt.X:
        # One line of days under all of them is enough.
        axis = alt.Axis(format="%-d %b", grid=False, tickCount=ticks, labels=at == last, ticks=at == last)
        return alt.X("day:T", title=None, scale=scale, axis=axis)

    parts: list[alt.LayerChart | alt.Chart] = [_track(track, days(at), height) for at, track in enumerate(tracks)]
    parts += [_marks(one, days(len(tracks) + at)) for at, one in enumerate(marks)]
    drawn = alt.vconcat(*parts, spacing=8).resolve_scale(x="shared")
    rows = [(value_day, track.name, f"{value:g}") for track in tracks for value_day, value in track.values]
    rows += [(day, one.name, words) for one in marks for day, words in one.days]
    lines = tuple((day.isoformat(), name, words) for day, name, words in sorted(rows))
    return Chart(title=title, drawn=drawn, table=ChartTable(title, ("Day", "What", "Value"), lines), note=note)


def _day(value: date) -> str:
    # A time of day, because a browser reads a bare date as midnight in Greenwich, which is yesterday further west.
    return f"{value.isoformat()}T12:00:00"


def _track(track: Track, x: alt.X, height: int) -> alt.LayerChart:
    rows: list[dict[str, object]] = []
    run, before = 0, None
    for day, value in sorted(track.values):
        run += before is not None and (day - before).days > track.step
        rows.append({"day": _day(day), "value": value, "run": run})
        before = day
    y = alt.Y("value:Q", title=track.name, scale=alt.Scale(domain=[track.low, track.high]), axis=alt.Axis(tickCount=3))
    base = alt.Chart(values(rows)).encode(
        x=x,
        y=y,
        tooltip=[alt.Tooltip("day:T", title="Day", format="%a %-d %b %Y"), alt.Tooltip("value:Q", title=track.name)],
    )
    many = len(rows) > 120
    lines = base.mark_line(strokeWidth=1.5).encode(detail=alt.Detail("run:N"))
    points = base.mark_circle(size=10 if many else 26, opacity=1)
    return alt.layer(lines, points).properties(width=560, height=height)


def _marks(marks: Marks, x: alt.X) -> alt.Chart:
    rows = [{"day": _day(day), "words": words, "name": marks.name} for day, words in marks.days]
    return (
        alt.Chart(values(rows))
        .mark_tick(thickness=2, size=16)
        .encode(
            x=x,
            y=alt.Y("name:N", title=None, axis=alt.Axis(ticks=False, domain=False, minExtent=LETTER * len(marks.name))),
            tooltip=[
                alt.Tooltip("day:T", title="Day", format="%a %-d %b %Y"),
                alt.Tooltip("words:N", title=marks.name),
            ],
        )
        .properties(width=560, height=MARKS_HEIGHT)
    )
