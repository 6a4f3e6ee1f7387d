"""The bins of a snapshot: which answers a criterion and a division tell apart, so that each is of 20 people at least.

They come from the shown numbers of everybody, which are public and the same in every process, and never from a cohort.
What an approval leaves out changes no bin. Bins are answered as sets, like the margins they come from, so that they are
public, too.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from studyportal.research.disclosure.bins import Bin, merged
from studyportal.research.snapshot.variables import Variable

if TYPE_CHECKING:
    from studyportal.research.snapshot.opened import OpenedSnapshot


class PublicBins(Mapping[str, Sequence[Bin]]):
    """The bins of every variable by its name; worked out, with those of its instrument, when first needed."""

    def __init__(self, snapshot: "OpenedSnapshot") -> None:
        """`snapshot` has all that was published, not what one approval covers."""
        self._snapshot = snapshot
        self._found: dict[str, Sequence[Bin]] = {}

    def __getitem__(self, name: str) -> Sequence[Bin]:
        if name not in self._found:
            known = self._snapshot.variables
            self._found.update(self._of([one for one in known.values() if one.instrument is known[name].instrument]))
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._snapshot.variables)

    def __len__(self) -> int:
        return len(self._snapshot.variables)

    def _of(self, variables: Sequence[Variable]) -> Mapping[str, Sequence[Bin]]:
        engine, roll = self._snapshot.engine, self._snapshot.roll
        sets = {one.name: self._snapshot.sets(one) for one in variables}
        cells = iter(engine.counts([people for values in sets.values() for people in values.values()]))
        shown = {name: {value: next(cells).value for value in values} for name, values in sets.items()}
        bins = {one.name: merged(shown[one.name], steps=one.steps) for one in variables}  # type: ignore[arg-type]
        together = [(name, one) for name, many in bins.items() for one in many if len(one) > 1]
        engine.counts([roll.any_of(sets[name][value] for value in one) for name, one in together])
        return bins
