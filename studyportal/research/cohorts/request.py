"""Read a cohort page's address: snapshot, criteria, the results to show and what divides them. The whole state is in
the address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

from studyportal.errors import Invalid
from studyportal.research.access.project import granted_snapshot, wanted_snapshot
from studyportal.research.cohorts.catalogue import Division, Result, catalogue, chosen_results, division
from studyportal.research.cohorts.criteria import MOST_TERMS, Criteria, read_criteria
from studyportal.research.snapshot.opened import OpenedSnapshot

# What an address may hold besides criteria. No variable is called so: their names hold a point.
SHOW, BY, ITEM, SNAPSHOT, TEXT = "show", "by", "item", "snapshot", "criteria"
# What says which results, not of whom.
SEEN = (SHOW, BY, ITEM)


@dataclass(frozen=True)
class Asked:
    """What an address asks for."""

    snapshot: OpenedSnapshot
    pinned: bool
    criteria: Criteria
    results: tuple[Result, ...]
    division: Division

    @property
    def known(self) -> Mapping[str, Result]:
        """Every result that this snapshot can give under the approval."""
        return catalogue(self.snapshot.codebook)

    @property
    def named(self) -> frozenset[str]:
        """The variables that the criteria are about."""
        return frozenset(rule.variable.name for rule in self.criteria.rules)

    @property
    def named_without(self) -> frozenset[str]:
        """The variables that describe the group that is left out."""
        return frozenset(rule.variable.name for rule in self.criteria.without)

    def address(self, *, only: Iterable[str] = SEEN, **more: Any) -> dict[str, Any]:
        """The parts of the same question, for another address."""
        parts: dict[str, Any] = {}
        for name, value in self.criteria.terms:
            parts.setdefault(name, []).append(value)
        if self.pinned:
            parts[SNAPSHOT] = self.snapshot.number
        if SHOW in only:
            parts[SHOW] = [result.name for result in self.results]
        if BY in only and self.division.by:
            parts[BY] = self.division.by.name
        if ITEM in only and self.division.is_chosen:
            parts[ITEM] = [one.name for one in self.division.items]
        return parts | more


def asked(*, other: frozenset[str] = frozenset()) -> Asked:
    """The question in this request's address; `other` are names that the page reads for itself. Raises `Invalid`."""
    pairs = [(name, value) for name, value in request.args.items(multi=True)]
    if len(pairs) > 2 * MOST_TERMS:
        raise Invalid("This address asks for more than one page can hold. Begin with fewer criteria.")
    return asked_by(pairs, wanted_snapshot(), other=other)


def asked_by(pairs: Iterable[tuple[str, str]], number: int | None, *, other: frozenset[str] = frozenset()) -> Asked:
    """The question that these parts of an address make of a snapshot (None: the newest). Raises `Invalid`."""
    pairs = [*pairs]
    snapshot = granted_snapshot(number)
    ours = {*SEEN, SNAPSHOT} | other
    results, divided = seen(pairs, snapshot)
    return Asked(
        snapshot=snapshot,
        pinned=number is not None,
        criteria=read_criteria([pair for pair in pairs if pair[0] not in ours], snapshot),
        results=results,
        division=divided,
    )


def seen(pairs: Iterable[tuple[str, str]], snapshot: OpenedSnapshot) -> tuple[tuple[Result, ...], Division]:
    """Which results are asked for, and how they are divided. Raises `Invalid`."""
    named: dict[str, list[str]] = {one: [] for one in SEEN}
    for name, value in pairs:
        if name in named:
            named[name].append(value)
    by = [one for one in named[BY] if one]
    if len(by) > 1:
        raise Invalid("A cohort is divided by one item at most. Choose one.")
    results = chosen_results(named[SHOW], catalogue(snapshot.codebook))
    return results, division("".join(by), named[ITEM], snapshot)
