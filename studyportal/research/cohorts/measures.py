"""What a table can be about: the answers of people, or of their weeks. Made from the codebook alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType

from studyportal.research.disclosure.ledger import Kind
from studyportal.research.snapshot.codebook import Codebook, ReleasedInstrument, ReleasedItem, phrase
from studyportal.research.snapshot.variables import Variable, has_weekly_mean, variables
from studyportal.statistics.guessing import LOOKS_OF_ONE

# A partition that a table publishes: how the ledger counts it, and what it is of.
Part = tuple[Kind, str]


@dataclass(frozen=True, slots=True)
class Measure:
    """One table that can be asked for. `form` is a row of `tables.FORMS`; it is about a variable or an item."""

    name: str
    title: str
    form: str
    instrument: ReleasedInstrument
    variable: Variable | None = None
    item: ReleasedItem | None = None

    @property
    def parts(self) -> Sequence[Part]:
        """What its table publishes."""
        if self.form in ("weekly_mean", "weekly_yes"):
            return [("course", self.name)]
        if self.variable and self.variable.has_mean:
            return [("item", self.name), ("item", MEAN_OF.format(self.name))]
        # Somebody who gave every answer in turn is in each of its rows, and in that of all who answered.
        rows = 1 + len(self.item.choices) if self.item else LOOKS_OF_ONE
        return [("item", self.name), *(("item", f"{self.name} {more}") for more in range(1, ceil(rows / LOOKS_OF_ONE)))]


# What the mean of a number is called in the ledger, and its spread.
MEAN_OF, DEVIATION_OF = "{} mean", "{} deviation"


def measures(codebook: Codebook) -> Mapping[str, Measure]:
    """Every measure of a snapshot by name, in the protocol's order."""
    by_person = variables(codebook)
    found: dict[str, Measure] = {}
    for instrument in codebook.instruments:
        for measure in _weekly(instrument):
            found[measure.name] = measure
        for variable in by_person.values():
            if variable.instrument is instrument:
                found[variable.name] = Measure(variable.name, variable.title, "distribution", instrument, variable)
    return MappingProxyType(found)


def _weekly(instrument: ReleasedInstrument) -> Iterator[Measure]:
    if instrument.is_once:
        return
    for item in instrument.items:
        if form := weekly_form(item):
            yield Measure(item.address, phrase(item.ask, HOW[form]), form, instrument, item=item)


def weekly_form(item: ReleasedItem) -> str | None:
    """How a diary item is told by week; None for days and hours, whose mean says nothing."""
    if item.is_number:
        return "weekly_mean" if has_weekly_mean(item) else None
    return {"yes_no": "weekly_yes", "choice": "ever"}[item.kind]


HOW = {"weekly_mean": "by week", "weekly_yes": "by week", "ever": "at least once"}


def first_look(codebook: Codebook) -> list[str]:
    """The measures with which a cohort page begins: the first diary course, and the first two items of the longest
    instrument that is asked once, which is the baseline."""
    known = measures(codebook).values()
    weekly = [measure.name for measure in known if measure.form == "weekly_mean"]
    given_once: dict[str, list[str]] = {}
    for measure in known:
        if measure.form == "distribution" and measure.instrument.is_once:
            given_once.setdefault(measure.instrument.name, []).append(measure.name)
    return weekly[:1] + max(given_once.values(), key=len, default=[])[:2]
