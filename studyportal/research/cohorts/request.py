"""Read a cohort page's address: snapshot, criteria and the tables to show. The whole state is in the address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

from studyportal.errors import Invalid
from studyportal.research.access.project import granted_snapshot, wanted_snapshot
from studyportal.research.cohorts.criteria import MOST_TERMS, Criteria, read_criteria
from studyportal.research.cohorts.measures import Measure, measures
from studyportal.research.cohorts.tables import chosen_measures
from studyportal.research.snapshot.opened import OpenedSnapshot

# What an address may hold besides criteria. No variable is called so: their names hold a point.
SHOW, SNAPSHOT, TEXT = "show", "snapshot", "criteria"


@dataclass(frozen=True)
class Asked:
    """What an address asks for."""

    snapshot: OpenedSnapshot
    pinned: bool
    criteria: Criteria
    measures: tuple[Measure, ...]

    @property
    def known(self) -> Mapping[str, Measure]:
        """Every measure that this snapshot can show under the approval."""
        return measures(self.snapshot.codebook)

    @property
    def named(self) -> frozenset[str]:
        """The variables that the criteria are about."""
        return frozenset(rule.variable.name for rule in self.criteria.rules)

    def address(self, *, only: Iterable[str] = (SHOW,), **more: Any) -> dict[str, Any]:
        """The parts of the same question, for another address."""
        parts: dict[str, Any] = {}
        for name, value in self.criteria.terms:
            parts.setdefault(name, []).append(value)
        if self.pinned:
            parts[SNAPSHOT] = self.snapshot.number
        if SHOW in only:
            parts[SHOW] = [measure.name for measure in self.measures]
        return parts | more


def asked(*, other: frozenset[str] = frozenset()) -> Asked:
    """The question in this request's address; `other` are names that the page reads for itself. Raises `Invalid`."""
    pairs = [(name, value) for name, value in request.args.items(multi=True)]
    if len(pairs) > 2 * MOST_TERMS:
        raise Invalid("This address asks for more than one page can hold. Begin with fewer criteria.")
    number = wanted_snapshot()
    snapshot = granted_snapshot(number)
    ours = {SHOW, SNAPSHOT} | other
    return Asked(
        snapshot=snapshot,
        pinned=number is not None,
        criteria=read_criteria([pair for pair in pairs if pair[0] not in ours], snapshot.variables),
        measures=chosen_measures([value for name, value in pairs if name == SHOW], measures(snapshot.codebook)),
    )
