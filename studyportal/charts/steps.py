"""Show how numbers of people grew week by week: one small picture for each series, all on one scale, one below the
other."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten

import altair as alt

from studyportal.charts.chart import Chart, ChartTable, values


@dataclass(frozen=True, slots=True)
class Series:
    """One series: what is counted, and for each week from 1 the number at its end (None if it may not be shown)."""

    name: str
    people: Sequence[int | None]


HEIGHT, LETTERS = 44, 88


def grown(series: Sequence[Series], *, title: str, hidden: str, note: str = "") -> Chart:
    """Steps over weeks; where a number is not shown, nothing is drawn, and `hidden` says why ("<11")."""
    weeks = max([1, *(len(one.people) for one in series)])
    most = max([1, *(count for one in series for count in one.people if count is not None)])
    parts = [_part(one, weeks, most, hidden, is_last=at + 1 == len(series)) for at, one in enumerate(series)]
    drawn = alt.vconcat(*parts, spacing=14).resolve_scale(x="shared")
    rows = tuple(
        (one.name, str(week), hidden if count is None else f"{count:,}")
        for one in series
        for week, count in enumerate(one.people, 1)
    )
    return Chart(title=title, drawn=drawn, table=ChartTable(title, ("", "Week", "People"), rows), note=note)


def _part(series: Series, weeks: int, most: int, hidden: str, *, is_last: bool) -> alt.LayerChart:
    shown = [{"week": week, "people": count} for week, count in enumerate(series.people, 1) if count is not None]
    last = series.people[-1] if series.people else None
    end = [{"week": weeks, "people": last or 0, "words": hidden if last is None else f"{last:,}"}]
    axis = alt.Axis(format="d", tickMinStep=1, grid=False, labels=is_last, ticks=is_last, domain=True)
    x = alt.X(
        "week:Q",
        title="Study week" if is_last else None,
        scale=alt.Scale(domain=[1, max(2, weeks)], nice=False),
        axis=axis,
    )
    y = alt.Y("people:Q", title=None, scale=alt.Scale(domain=[0, most], nice=False), axis=None)
    counted = alt.Chart(values(shown)).encode(x=x, y=y, tooltip=["week:Q", "people:Q"])
    return alt.layer(
        counted.mark_area(
            interpolate="step-after", fillOpacity=0.18, line={"strokeWidth": 2, "interpolate": "step-after"}
        ),
        alt.Chart(values(end))
        .mark_text(align="left", baseline="bottom", dx=8, fontWeight=600)
        .encode(x=x, y=y, text=alt.Text("words:N")),
    ).properties(
        width=520,
        height=HEIGHT,
        title=alt.TitleParams(
            shorten(series.name, LETTERS, placeholder=" …"), anchor="start", fontSize=12, fontWeight="normal", offset=4
        ),
    )
