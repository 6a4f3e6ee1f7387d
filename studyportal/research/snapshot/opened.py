"""Hold one snapshot ready for questions: every variable as sets of people, every diary by week.

Those who withdrew are dropped here, before anything is counted. What is worked out once stays as long as the process.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from datetime import datetime
from typing import Any, Protocol, Self, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from studyportal.errors import CannotOpen
from studyportal.research.disclosure import Engine, Measured, People, Protection, Roll
from studyportal.research.disclosure.bins import Bin
from studyportal.research.disclosure.engine import Answers
from studyportal.research.snapshot.bins import PublicBins
from studyportal.research.snapshot.codebook import ReleasedItem, read_codebook
from studyportal.research.snapshot.public import public_courses
from studyportal.research.snapshot.variables import NOT_ANSWERED, Variable, variables
from studyportal.research.snapshot.weeks import Weekly, weekly

T = TypeVar("T")
OLDER = "Snapshot {} was made by an older version of this portal, which described or protected its numbers otherwise, and cannot be read."
# By which the engine knows a record from any other; older snapshots have none.
RECORD_KEYS = ("record_key_1", "record_key_2")


class Published(Protocol):
    """What is needed of a snapshot (`snapshots.reading.Snapshot`)."""

    number: int
    published_at: datetime
    protocol: Mapping[str, object]
    withdrawn: frozenset[int]

    @property
    def subjects(self) -> pa.Table: ...

    @property
    def weeks_over(self) -> pa.Table | None: ...

    def table(self, instrument: str) -> pa.Table: ...


class OpenedSnapshot:
    """A snapshot in memory. Give the sets it hands out to `engine`, never to a page."""

    def __init__(self, published: Published, answers: Callable[[Protection], Answers]) -> None:
        """`answers` gives what the study answered so far, as this version of it protects people. Raises `CannotOpen` if
        the snapshot and the codebook in it do not fit together."""
        self._published = published
        self.number, self.published_at = published.number, published.published_at
        try:
            self.codebook = read_codebook(published.protocol)
        except (KeyError, ValueError):
            raise CannotOpen(OLDER.format(self.number)) from None
        self.variables: Mapping[str, Variable] = variables(self.codebook)
        self.subjects = self._present(published.subjects)
        if not set(RECORD_KEYS) <= set(self.subjects.column_names):
            raise CannotOpen(OLDER.format(self.number))
        self.index = self.subjects.column("index").to_numpy().astype(np.int64)
        keys = (self.subjects.column(name).to_numpy() for name in RECORD_KEYS)
        self.roll = Roll(self.index, *keys)
        self.engine = Engine(self.roll, answers(self.codebook.protection))
        self.public_courses = public_courses(self.codebook)
        self._sets: dict[str, Mapping[str, People]] = {}
        self._weekly: dict[tuple[str, str | None], Weekly] = {}
        self._kept: dict[tuple[str, ...], Any] = {}
        self.bins: Mapping[str, Sequence[Bin]] = PublicBins(self)

    def limited_to(self, questions: Collection[str]) -> Self:
        """The same people and answers, of which these questions alone can be asked: criteria, tables, the codebook and
        releases are all made from the codebook, so what is not in it is nowhere."""
        cut = copy(self)
        cut.codebook = self.codebook.limited_to(frozenset(questions))
        cut.variables = variables(cut.codebook)
        return cut

    def _present(self, rows: pa.Table) -> pa.Table:
        """Without those who withdrew; a second look, because `snapshots` leaves them out as well."""
        gone = np.fromiter(self._published.withdrawn, np.int64)
        return rows.filter(pa.array(~np.isin(rows.column("index").to_numpy(), gone)))

    @property
    def weeks_over(self) -> pa.Table | None:
        """How long everybody among the subjects was followed (`snapshots.reading.Snapshot.weeks_over`); None where it
        is not said. Apart from `subjects`, whose columns releases are made of."""
        said = self._published.weeks_over
        return None if said is None else self._of_subjects(said)

    @property
    def everybody(self) -> People:
        return self.roll.everybody

    def sets(self, variable: Variable) -> Mapping[str, People]:
        """The people of every value of a variable; each person is in exactly one."""
        if variable.name not in self._sets:
            places = self.places(variable)
            order = {code: place for place, code in enumerate(variable.codes)} | {NOT_ANSWERED: -1}
            self._sets[variable.name] = {
                code: self.roll.people(self.index[places == order[code]]) for code in variable.labels
            }
        return self._sets[variable.name]

    def places(self, variable: Variable) -> NDArray[np.int64]:
        """Which of `variable.codes` each subject has, in the order of `subjects`; -1 for not answered."""
        if variable.source == "once" and variable.bands is None:
            return self._choices(variable)
        values = self._numbers(variable)
        if variable.source == "weeks":
            values = np.nan_to_num(values)
        return variable.bands.places(values)  # type: ignore[union-attr]

    def numbers(self, item: ReleasedItem) -> NDArray[np.float64]:
        """The answers to a number given once, in the order of `subjects`; NaN for not answered."""
        column = self.subjects.column(f"{item.instrument}__{item.name}").cast(pa.float64())
        return column.to_numpy(zero_copy_only=False)

    def measured(
        self, about: str, index: NDArray[np.int64], values: NDArray[np.generic], *, low: float, high: float
    ) -> Measured:
        """One number for each of these places, for the engine; `about` is the name of what was measured."""
        by_place = np.full(self.roll.places, np.nan)
        by_place[index] = values
        return Measured(about, by_place, float(low), float(high))

    def weekly(self, instrument: str, item: str | None) -> Weekly:
        """A diary by person and week: the answers to one item, or with None the entries."""
        if (instrument, item) not in self._weekly:
            columns = ["index", "week", *([item] if item else [])]
            rows = self._of_subjects(self._published.table(instrument).select(columns))
            self._weekly[instrument, item] = weekly(rows, item)
        return self._weekly[instrument, item]

    def ever(self, item: ReleasedItem) -> Mapping[str, People]:
        """Who gave each choice of a diary item at least once."""
        name = f"{item.address} ever"
        if name not in self._sets:
            rows = self.rows(item.instrument)
            index, given = rows.column("index").to_numpy(), rows.column(item.name)
            self._sets[name] = {
                code: self.roll.people(index[pc.fill_null(pc.equal(given, code), False).to_numpy()])
                for code in item.choices
            }
        return self._sets[name]

    def kept(self, name: tuple[str, ...], make: Callable[[], T]) -> T:
        """What `make` works out of all people, once; `name` says what it is and of which instruments and items."""
        if name not in self._kept:
            self._kept[name] = make()
        found: T = self._kept[name]
        return found

    def rows(self, instrument: str) -> pa.Table:
        """The entries of an instrument whose people are among the subjects: index, study_day, week, late and the
        items."""
        return self._of_subjects(self._published.table(instrument))

    def _of_subjects(self, rows: pa.Table) -> pa.Table:
        rows = self._present(rows)
        return rows.filter(pa.array(np.isin(rows.column("index").to_numpy(), self.index)))

    def _choices(self, variable: Variable) -> NDArray[np.int64]:
        column = self.subjects.column(variable.name.replace(".", "__", 1))
        if pa.types.is_boolean(column.type):
            column = pc.if_else(column, "yes", "no")
        places = pc.index_in(column, value_set=pa.array(variable.codes, column.type))
        if places.null_count != column.null_count:
            raise CannotOpen("This snapshot holds an answer that its own codebook does not know.")
        return pc.fill_null(places, -1).to_numpy().astype(np.int64)

    def _numbers(self, variable: Variable) -> NDArray[np.float64]:
        if variable.source == "once":
            return self.numbers(variable.item)  # type: ignore[arg-type]
        people = self.weekly(variable.instrument.name, variable.item and variable.item.name).by_person
        values = np.full(self.roll.places, np.nan)
        values[people.index] = people.week if variable.source == "weeks" else people.mean
        return values[self.index]
