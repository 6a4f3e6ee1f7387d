"""Hold a chart as a value: what it says, how it is drawn, and the numbers behind it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Any

import altair as alt
from altair.utils import schemapi

from studyportal.charts.theme import config

# Letters of a title in one line over a picture of the usual width.
TITLE, SUBTITLE = 62, 80


# A page waits for its charts. Holding every part against the schema while it is made takes as long as all the rest;
# tests hold the whole against it.
schemapi.disable_debug_mode()


def values(rows: Iterable[Mapping[str, object]]) -> alt.Data:
    """One row for each mark. Not a list, which would be copied again for every layer."""
    return alt.Data(values=tuple(rows))


@dataclass(frozen=True, slots=True)
class ChartTable:
    """The numbers of a chart: a sentence, the heads of the columns, and one row of texts for each mark or series."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture and its table. `title` is the finding or the question; `note` says how the numbers were protected, or
    how many people and days they come from.

    `drawn` is an Altair chart without title and colours of its own; `spec` gives it those of a light or dark ground.
    """

    title: str
    drawn: alt.TopLevelMixin = field(repr=False)
    table: ChartTable
    note: str = ""
    # Whether so little may be shown that there is nothing to see; a page then says so in its place.
    is_blank: bool = False

    @property
    def document(self) -> dict[str, Any]:
        """The Vega-Lite document (a JSON object) without a look."""
        # Not checked against the schema each time: with a year of days that costs more than drawing it.
        found: dict[str, Any] = self.drawn.to_dict(validate=False, context={"pre_transform": False})
        found.pop("config", None)
        return found

    def spec(self, *, dark: bool = False, titled: bool = False) -> Mapping[str, Any]:
        """The document with the look of a light or dark ground; `titled` puts title and note into the picture, which
        then speaks for itself on a slide."""
        document = self.document | {"config": config(dark=dark)}
        if titled:
            document["title"] = {"text": wrap(self.title, TITLE), "subtitle": wrap(self.note, SUBTITLE)}
        return document
