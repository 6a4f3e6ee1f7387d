"""Show who responded as a curve: the share of people whose outcome fell by so much or more, with the two agreed lines
on it.

Farrar, Dworkin, Max 2006: the whole curve, because no single line between responders and others is right.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from studyportal.charts.chart import Chart, ChartTable, values
from studyportal.charts.theme import ABOVE, CONTEXT

WIDTH, HEIGHT = 520, 260


@dataclass(frozen=True, slots=True)
class Reached:
    """A reduction in per cent, the share of people who reached it (None if not shown), and their number in words;
    `named` is what the reduction is called, if it has a name ("moderate")."""

    reduction: int
    share: float | None
    people: str
    low: float | None = None
    high: float | None = None
    named: str = ""

    @property
    def words(self) -> str:
        return "not shown" if self.share is None else f"{self.share:.0f} %"


def responder_curve(
    points: Sequence[Reached], *, title: str, of: str, outcome: str = "Reduction", interval: str = "", note: str = ""
) -> Chart:
    """The curve over reductions from 0 % on; `of` says of whom the shares are ("Share of 240 people, %").

    A share that is not shown is a gap. `outcome` names the axis ("Reduction of average pain since the beginning").
    """
    rows = [
        {"reduction": one.reduction, "share": one.share, "low": one.low, "high": one.high, "people": one.people}
        for one in points
    ]
    x = alt.X(
        "reduction:Q",
        title=f"{outcome}, at least, %",
        scale=alt.Scale(domain=[0, 100], nice=False),
        axis=alt.Axis(values=list(range(0, 101, 10)), grid=False),
    )
    scale = alt.Scale(domain=[0, 100], nice=False)
    y = alt.Y("share:Q", title=of, scale=scale, axis=alt.Axis(tickCount=5, **ABOVE))
    base = alt.Chart(values(rows)).encode(x=x)
    tip = [alt.Tooltip("reduction:Q", title="By at least, %"), alt.Tooltip("share:Q", title=of), "people:N"]
    layers: list[alt.Chart] = []
    if any(one.low is not None for one in points):
        bands = base.mark_area(opacity=0.18, invalid="break-paths-show-domains")
        layers.append(bands.encode(y=alt.Y("low:Q", scale=scale), y2=alt.Y2("high:Q")))
    marks = alt.Chart(values([_mark(one) for one in points if one.named and one.share is not None])).encode(x=x)
    layers += [
        # Behind the curve, up to it where it is shown, so that the eye finds the share at its end.
        marks.mark_rule(strokeDash=[3, 3]).encode(y=alt.Y("foot:Q", scale=scale), y2=alt.Y2("share:Q")),
        base.mark_line(strokeWidth=2, invalid="break-paths-show-domains").encode(y=y),
        base.mark_point(filled=True, size=30, opacity=1).encode(y=y, tooltip=tip),
        marks.mark_text(align="left", baseline="bottom", dx=6, dy=-17, fontWeight=600).encode(
            y=y, text=alt.Text("words:N")
        ),
        marks.mark_text(align="left", baseline="bottom", dx=6, dy=-3, style=CONTEXT).encode(
            y=y, text=alt.Text("named:N")
        ),
    ]
    drawn = alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)
    heads = ("By at least, %", of, *((interval,) if interval else ()), "People")
    lines = tuple(
        (
            f"{one.reduction} ({one.named})" if one.named else f"{one.reduction}",
            one.words,
            *((_range(one),) if interval else ()),
            one.people,
        )
        for one in points
    )
    is_blank = all(one.share is None for one in points)
    return Chart(title=title, drawn=drawn, table=ChartTable(title, heads, lines), note=note, is_blank=is_blank)


def _mark(one: Reached) -> dict[str, object]:
    return {"reduction": one.reduction, "share": one.share, "foot": 0, "words": one.words, "named": one.named}


def _range(one: Reached) -> str:
    return "" if one.low is None or one.high is None else f"{one.low:.0f} to {one.high:.0f} %"
