"""Keep research columns continuous over all versions of a study.

A column goes on as long as changes are compatible or mapped; a break begins a new one, named after the item and the
version, and the former one stays under its own definition. A column is named once and for all: what comes in later
versions never renames it. Every answer is published under the newest definition of its line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from studyportal.protocol.amendments.links import Link, links
from studyportal.protocol.amendments.order import versions
from studyportal.protocol.document import Instrument, Protocol
from studyportal.protocol.items import NOTHING, Item
from studyportal.protocol.kinds import KINDS

NO_COLUMN = "none"  # what a kind without answers has for a column


class Source(NamedTuple):
    """Where a line's answers are in entries of one version: the item's name then, and what its codes are now."""

    item: str
    recode: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One research column, or the columns that its treatment makes of it.

    `item` is its newest definition, with every reason that ever stood in place of an answer. `sources` are the
    versions in which it was asked, `since` is the first of them. `history` are sentences for a codebook.
    """

    column: str
    item: Item
    sources: Mapping[str, Source]
    since: str
    history: tuple[str, ...] = ()


@dataclass(slots=True)
class Thread:
    """A line while it is followed from version to version."""

    column: str
    item: Item
    missing: dict[str, str]
    sources: dict[str, Source]
    history: list[str] = field(default_factory=list)
    replaced_by: str = ""

    @property
    def until(self) -> str:
        """The last version in which it was asked."""
        return next(reversed(self.sources))

    def go_on(self, item: Item, version: str, link: Link) -> None:
        if item.name != self.item.name:
            self.history.append(f"Called {item.name} in the study document since version {version}.")
        if briefs := dict.fromkeys(one.brief for one in link.findings if one.brief):
            self.history.append(f"Since version {version}: {', '.join(briefs)}.")
        if link.recode:
            self.sources = {
                former: source._replace(recode=_composed(source.recode, link.recode))
                for former, source in self.sources.items()
            }
        self.sources[version] = Source(item.name, NOTHING)
        self.missing = {**self.missing, **item.missing}
        self.item = item


def _composed(first: Mapping[str, str], then: Mapping[str, str]) -> Mapping[str, str]:
    return {**then, **{code: then.get(became, became) for code, became in first.items()}}


class Threads:
    """The lines of one instrument, in the order in which they began."""

    def __init__(self) -> None:
        self.all: list[Thread] = []
        self.by_name: dict[str, Thread] = {}

    @property
    def known(self) -> Mapping[str, Item]:
        """Every item as it was last asked, by the name it last had."""
        return {name: thread.item for name, thread in self.by_name.items()}

    def advance(self, asked: Mapping[str, Item], version: str, *, is_first: bool) -> None:
        """Follow the lines into the next version."""
        going = {}
        for name, link in links(self.known, asked).items():
            former = None if link.former is None else self.by_name[link.former.name]
            if former is None or link.breaking:
                going[name] = self._begin(asked[name], version, former, link, is_first=is_first)
            else:
                former.go_on(asked[name], version, link)
                going[name] = former
        # Who had a name that somebody else's line goes on under is not called so any more.
        carried = {id(thread) for thread in going.values()}
        ended = {name: thread for name, thread in self.by_name.items() if id(thread) not in carried}
        self.by_name = {**ended, **going}

    def _begin(self, item: Item, version: str, former: Thread | None, link: Link, *, is_first: bool) -> Thread:
        taken = {thread.column for thread in self.all}
        column = f"{item.name}__since_{column_part(version)}" if item.name in taken else item.name
        thread = Thread(column, item, dict(item.missing), {version: Source(item.name, NOTHING)})
        if former is not None and link.breaking:
            thread.history.append(
                f"Asked since version {version} in place of {former.column}: {link.breaking.brief or 'changed'}."
            )
            former.replaced_by = column
        elif not is_first:
            thread.history.append(f"Asked since version {version}.")
        self.all.append(thread)
        return thread


def column_part(version: str) -> str:
    """A version as it stands in the name of a column."""
    return version.lower().translate(str.maketrans(".-", "__"))


def followed(known: Sequence[Protocol]) -> Mapping[str, Threads]:
    """The lines of every instrument over these versions, the oldest first."""
    found: dict[str, Threads] = {}
    for place, protocol in enumerate(known):
        for name, instrument in protocol.instruments.items():
            found.setdefault(name, Threads()).advance(instrument.items, protocol.study.version, is_first=place == 0)
    return found


@lru_cache(maxsize=32)
def lineage(protocol: Protocol) -> Mapping[str, tuple[Line, ...]]:
    """The lines of every instrument that any version has: what is asked now first, in its order. What only stands
    between questions has none."""
    return MappingProxyType({
        name: tuple(_line(thread, protocol.study.version) for thread in _in_order(protocol, name, threads))
        for name, threads in followed(versions(protocol)).items()
    })  # fmt: skip


def _in_order(protocol: Protocol, name: str, threads: Threads) -> Sequence[Thread]:
    asked = protocol.instruments[name].items if name in protocol.instruments else {}
    now = [threads.by_name[item] for item in asked]
    ended = [thread for thread in threads.all if not any(thread is one for one in now)]
    return [thread for thread in (*now, *ended) if KINDS[thread.item.kind].column != NO_COLUMN]


def _line(thread: Thread, present: str) -> Line:
    history = [*thread.history]
    if thread.until != present:
        follower = f"; {thread.replaced_by} is asked in its place" if thread.replaced_by else ""
        history.append(f"Asked until version {thread.until}{follower}.")
    item = replace(thread.item, missing=MappingProxyType(thread.missing))
    return Line(thread.column, item, MappingProxyType(thread.sources), next(iter(thread.sources)), tuple(history))


def instruments(protocol: Protocol) -> Mapping[str, Instrument]:
    """Every instrument of any version, as it was last: those of the present version first."""
    last = {name: one for version in versions(protocol) for name, one in version.instruments.items()}
    return {**protocol.instruments, **last}
