"""What a criterion or a table can ask of a person: a variable and the published values it can have.

Made from the codebook alone, so that which values exist says nothing about anybody. Not having answered is a value.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from studyportal.research.snapshot.bands import STUDY_DAYS, WEEKS_GIVEN, Bands, cut_off, quarters, whole_quarters
from studyportal.research.snapshot.codebook import Codebook, ReleasedInstrument, ReleasedItem, phrase

# Cannot be taken for a choice: a protocol's codes hold no space, and every band of ours holds a number or is one word.
NOT_ANSWERED = "not answered"
# What is made of many entries. No item's name holds two underscores, and a number has no column per code.
WEEKS, MEAN = "weeks__given", "__mean"


@dataclass(frozen=True, slots=True)
class Variable:
    """One value per person. `name` is what criteria call it: instrument and item, joined by a point. `labels` maps
    codes to words, NOT_ANSWERED last if it can be; `bands` cut it out of a number.

    `source` says how it is found: "once" (an item given once), "mean" (of a person's weekly means) or "weeks"
    (in how many weeks there are entries). `item` is None for "weeks".
    """

    name: str
    title: str
    instrument: ReleasedInstrument
    source: str
    labels: Mapping[str, str]
    bands: Bands | None
    item: ReleasedItem | None

    @property
    def codes(self) -> tuple[str, ...]:
        """The values without NOT_ANSWERED, in order."""
        return tuple(code for code in self.labels if code != NOT_ANSWERED)

    @property
    def has_mean(self) -> bool:
        """Whether it is a number with limits that was given once, which has a mean beside its bands."""
        return self.source == "once" and self.item is not None and self.item.is_number and self.item.minimum is not None

    @property
    def steps(self) -> tuple[str, ...]:
        """The values that follow each other, as bands do; none if they have no order."""
        return self.codes if self.bands or (self.item and self.item.treatment == "band") else ()

    def words_of(self, values: Iterable[str]) -> str:
        """Some values, in published order, in words: "Male or Other", "0 to 2 or Not answered"."""
        *first, last = _runs([self.labels[value] for value in values])
        return f"{', '.join(first)} or {last}" if first else last


def _runs(labels: Iterable[str]) -> Iterator[str]:
    """Labels as they are, but three or more whole numbers that follow each other as the first to the last."""
    runs: list[list[str]] = []
    for label in labels:
        before = runs[-1][-1] if runs else ""
        if label.isdecimal() and before.isdecimal() and int(label) == int(before) + 1:
            runs[-1].append(label)
        else:
            runs.append([label])
    for run in runs:
        yield from run if len(run) < 3 else [f"{run[0]} to {run[-1]}"]


def variables(codebook: Codebook) -> Mapping[str, Variable]:
    """Every variable of a snapshot by name, in the protocol's order."""
    return MappingProxyType({one.name: one for instrument in codebook.instruments for one in _of(instrument)})


def _of(instrument: ReleasedInstrument) -> Iterator[Variable]:
    if instrument.is_once:
        for item in instrument.items:
            yield _once(instrument, item)
        return
    weeks = f"{instrument.title}, weeks with an entry"
    given = MappingProxyType({label: label for label in WEEKS_GIVEN.labels})
    yield Variable(f"{instrument.name}.{WEEKS}", weeks, instrument, "weeks", given, WEEKS_GIVEN, None)
    for item in instrument.items:
        if has_weekly_mean(item):
            bands = quarters(item.minimum, item.maximum)  # type: ignore[arg-type]
            title = phrase(item.ask, "mean of all weeks")
            yield Variable(f"{item.address}{MEAN}", title, instrument, "mean", _labels(bands.labels), bands, item)


def has_weekly_mean(item: ReleasedItem) -> bool:
    """Whether a week of this item can be told by a mean: a number with limits, and no hour, for which a mean
    misleads."""
    return item.is_number and item.minimum is not None and item.treatment != "hour"


def _once(instrument: ReleasedInstrument, item: ReleasedItem) -> Variable:
    bands = number_bands(item) if item.is_number else None
    labels = _labels(bands.labels) if bands else MappingProxyType({**item.choices, NOT_ANSWERED: "Not answered"})
    return Variable(item.address, item.ask, instrument, "once", labels, bands, item)


def number_bands(item: ReleasedItem) -> Bands:
    """The bands in which a released number given once is counted: a score's published ones, if it has any."""
    if len(item.cutoffs) > 1:
        return cut_off(item.cutoffs, item.maximum)  # type: ignore[arg-type]
    if item.minimum is None or item.maximum is None:
        return STUDY_DAYS
    if item.kind == "decimal":
        return quarters(item.minimum, item.maximum)
    return whole_quarters(int(item.minimum), int(item.maximum))


def _labels(labels: tuple[str, ...]) -> Mapping[str, str]:
    return MappingProxyType({**{label: label for label in labels}, NOT_ANSWERED: "Not answered"})
