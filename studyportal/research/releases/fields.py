"""Say which columns a release can have, and take a researcher's choice of them.

This is the whitelist: what has no field here cannot leave. Days, hours of entries, free text, places in the
snapshot and record keys have none.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from studyportal.errors import Invalid
from studyportal.research.snapshot.bands import ENTRIES_IN_A_WEEK, Bands, quarters
from studyportal.research.snapshot.codebook import Codebook, ReleasedInstrument, ReleasedItem, phrase
from studyportal.research.snapshot.variables import has_weekly_mean, number_bands

SUBJECTS, WEEKLY = "subjects.csv", "weekly.csv"
CODE, WEEK = "subject_code", "week"

# Facts on disclosure: k = 11 on more quasi-identifiers costs most of the information, or most of the people.
MOST_QUASI_IDENTIFIERS = 5
MOST_IN_SMALL_COHORTS = 4
SMALL_COHORT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column of a release. `type` is Frictionless's; `labels` says what codes mean, empty for plain numbers.

    `bands` cut the value out of a number: codes are then the band's number from 1, or in subjects.csv its label.
    """

    name: str
    title: str
    file: str
    instrument: ReleasedInstrument
    item: ReleasedItem | None
    type: str
    treated: str
    quasi_identifier: bool
    labels: Mapping[str, str]
    bands: Bands | None


def offered(codebook: Codebook) -> Mapping[str, Field]:
    """Every column that can be chosen, by name, in the protocol's order."""
    return MappingProxyType({field.name: field for one in codebook.instruments for field in _of(one)})


def _of(instrument: ReleasedInstrument) -> Iterator[Field]:
    if instrument.is_once:
        yield from (_once(instrument, item) for item in instrument.items)
    elif instrument.is_on_demand:
        yield _weekly(instrument, None, "entries", f"{instrument.title}, entries in the week", ENTRIES_IN_A_WEEK)
    else:
        for item in instrument.items:
            if has_weekly_mean(item):
                bands = quarters(item.minimum, item.maximum)  # type: ignore[arg-type]
                yield _weekly(instrument, item, item.name, phrase(item.ask, "mean of the week"), bands)


def _once(instrument: ReleasedInstrument, item: ReleasedItem) -> Field:
    bands = number_bands(item) if item.is_day else None
    labels = {label: label for label in bands.labels} if bands else dict(item.choices)
    plain = {"integer": "integer", "rating": "integer", "decimal": "number"}
    return Field(
        name=f"{instrument.name}__{item.name}",
        title=item.ask,
        file=SUBJECTS,
        instrument=instrument,
        item=item,
        type="string" if labels else plain[item.kind],
        treated="released in bands of time before or since the start" if bands else item.treated,
        quasi_identifier=item.quasi_identifier,
        labels=MappingProxyType(labels),
        bands=bands,
    )


def _weekly(instrument: ReleasedInstrument, item: ReleasedItem | None, name: str, title: str, bands: Bands) -> Field:
    return Field(
        name=f"{instrument.name}__{name}",
        title=title,
        file=WEEKLY,
        instrument=instrument,
        item=item,
        type="integer",
        treated=f"released by week in {len(bands.labels)} bands",
        quasi_identifier=False,
        labels=MappingProxyType({str(number): label for number, label in enumerate(bands.labels, 1)}),
        bands=bands,
    )


def chosen(names: Iterable[str], known: Mapping[str, Field], *, people: int) -> tuple[Field, ...]:
    """The columns asked for, in the protocol's order. `people` is the shown size of the cohort.

    Raises `Invalid` for unknown columns, none at all, or too many quasi-identifiers.
    """
    wanted = set(names)
    if not wanted <= set(known):
        raise Invalid("An item is asked for that cannot be released. Choose from the list.")
    fields = tuple(field for name, field in known.items() if name in wanted)
    if not fields:
        raise Invalid("Choose at least one item to release.")
    most = MOST_QUASI_IDENTIFIERS if people >= SMALL_COHORT else MOST_IN_SMALL_COHORTS
    if (many := sum(field.quasi_identifier for field in fields)) > most:
        raise Invalid(
            f"A cohort of this size can be released with {most} items that single people out in combination; "
            f"{many} are chosen. Leave some of them out."
        )
    return fields
