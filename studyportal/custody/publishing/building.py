"""Build the tables of a snapshot: open the blocks of those who share, then work in columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import pyarrow as pa

from studyportal.custody.deidentification.tables import Subject, gathered, instrument_table, subjects_table
from studyportal.custody.opening.entries import diary_openers, open_block
from studyportal.custody.opening.key_file import Keys
from studyportal.database import reading
from studyportal.errors import CannotOpen
from studyportal.protocol import Protocol, released
from studyportal.protocol.amendments import lineage
from studyportal.registry.folding import all_blocks


@dataclass(frozen=True, slots=True)
class Built:
    """The tables to be published."""

    subjects: pa.Table
    instruments: Mapping[str, pa.Table]


def opened_blocks(
    people: Mapping[UUID, Subject], *, keys: Keys, protocol: Protocol
) -> Iterator[tuple[Subject, Sequence[pa.RecordBatch]]]:
    """Every block of these people, opened. Raises `CannotOpen` when one does not open: nothing is left out silently."""
    order = sorted(people)
    with reading("keyring") as connection:
        openers = diary_openers(connection, keys, study=protocol.study.code, enrolments=order)
    with reading("registry") as connection:
        for row in all_blocks(connection, order):
            if row.enrolment not in openers:
                raise CannotOpen("The keyring has no key for an enrolment that has entries.")
            yield people[row.enrolment], open_block(row, openers[row.enrolment], study=protocol.study.code)


def build(people: Mapping[UUID, Subject], *, keys: Keys, protocol: Protocol) -> Built:
    """The tables for these subjects; an instrument of which nothing is released has none."""
    tables = gathered(opened_blocks(people, keys=keys, protocol=protocol), protocol)
    shown, lines = released(protocol)["instruments"], lineage(protocol)
    once = {name: table for name, table in tables.items() if name in shown and shown[name]["schedule"]["once"]}
    many = {name: table for name, table in tables.items() if name in shown and name not in once}
    return Built(
        subjects_table(list(people.values()), once, protocol),
        {name: instrument_table(table, lines[name]) for name, table in many.items()},
    )
