"""Decide which parts of a snapshot are there already, which are taken over from the last one, and which are made.
Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from studyportal.custody.deidentification.tables import Subject
from studyportal.custody.publishing.marks import of_part
from studyportal.snapshots.parts import divided


@dataclass(frozen=True, slots=True)
class Former:
    """What the last snapshot was made from: the part and the mark of each subject in it (marks may be unknown)."""

    parts: Mapping[int, Mapping[int, bytes | None]]


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """The people of one part, and of which of them (by index) rows are taken over, from which parts of the last
    snapshot.

    `is_same`: nothing at all has changed in it.
    """

    number: int
    people: Mapping[UUID, Subject]
    marks: Mapping[int, bytes]
    kept: frozenset[int]
    sources: tuple[int, ...]
    is_same: bool

    @property
    def made_from(self) -> str:
        return of_part(self.marks)

    @property
    def to_open(self) -> Mapping[UUID, Subject]:
        return {enrolment: one for enrolment, one in self.people.items() if one.index not in self.kept}


def planned(people: Mapping[UUID, Subject], marks: Mapping[int, bytes], former: Former) -> list[PlannedPart]:
    """Every part of the snapshot of these people."""
    by_index = {one.index: (enrolment, one) for enrolment, one in people.items()}
    where = {index: part for part, many in former.parts.items() for index in many}
    known = {index: mark for many in former.parts.values() for index, mark in many.items()}
    found = []
    for number, indices in divided(by_index).items():
        mine = {index: marks[index] for index in sorted(indices)}
        kept = frozenset(index for index, mark in mine.items() if known.get(index) == mark)
        found.append(
            PlannedPart(
                number,
                dict(by_index[index] for index in mine),
                mine,
                kept,
                tuple(sorted({where[index] for index in kept})),
                former.parts.get(number) == mine,
            )
        )
    return found
