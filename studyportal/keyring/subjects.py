"""Which subject a participant becomes. An index is given once and for ever; erasing cuts the link, not the index."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol
from uuid import UUID

import sqlalchemy as sa

from studyportal.keyring.tables import SUBJECT_CODES, SUBJECTS, TOMBSTONES

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # crockford.com/base32.html: 5 bits a letter
CODE_LENGTH = 16  # 80 bits: among a million codes two are alike with a chance of 4e-13


class Chance(Protocol):
    """Where random keys and codes come from: `secrets.SystemRandom()`, or a seeded one in a test."""

    def getrandbits(self, bits: int, /) -> int: ...


def subjects(connection: sa.Connection) -> Mapping[UUID, sa.Row]:
    """Everybody who is a subject and was not erased: enrolment -> disclosure_index, record_key_1, record_key_2."""
    rows = connection.execute(sa.select(SUBJECTS).where(SUBJECTS.c.enrolment.is_not(None)))
    return {row.enrolment: row for row in rows}


def all_indices(connection: sa.Connection) -> Mapping[int, UUID | None]:
    """Every index ever given, with the enrolment it still leads to."""
    rows = connection.execute(sa.select(SUBJECTS.c.disclosure_index, SUBJECTS.c.enrolment))
    return {row.disclosure_index: row.enrolment for row in rows}


def add_subjects(connection: sa.Connection, enrolments: Sequence[UUID], *, rng: Chance) -> int:
    """Give each of these, in this order, the next index and two random 64-bit record keys; how many were new.

    Whoever has been erased gets none, so that no link comes back.
    """
    known = set(connection.scalars(sa.select(SUBJECTS.c.enrolment).where(SUBJECTS.c.enrolment.is_not(None))))
    known |= set(connection.scalars(sa.select(TOMBSTONES.c.enrolment)))
    first = (connection.scalar(sa.select(sa.func.max(SUBJECTS.c.disclosure_index))) or 0) + 1
    new = [enrolment for enrolment in enrolments if enrolment not in known]
    rows = [
        {
            "disclosure_index": index,
            "enrolment": enrolment,
            "record_key_1": _signed(rng.getrandbits(64)),
            "record_key_2": _signed(rng.getrandbits(64)),
        }
        for index, enrolment in enumerate(new, start=first)
    ]
    if rows:
        connection.execute(sa.insert(SUBJECTS), rows)
    return len(rows)


def _signed(bits: int) -> int:
    return bits - 2**63


def cut_link(connection: sa.Connection, enrolment: UUID) -> int | None:
    """Let nothing lead from a subject back to this enrolment; the subject's index, or None if it never was one."""
    cut = sa.update(SUBJECTS).where(SUBJECTS.c.enrolment == enrolment).values(enrolment=None)
    return connection.scalar(cut.returning(SUBJECTS.c.disclosure_index))


def subject_codes(
    connection: sa.Connection, project: str, indices: Collection[int], *, rng: Chance
) -> tuple[Mapping[int, str], int]:
    """The codes of these subjects in a project, and how many were missing and are made now, at random."""
    known = sa.select(SUBJECT_CODES.c.disclosure_index, SUBJECT_CODES.c.code).where(SUBJECT_CODES.c.project == project)
    codes = {row.disclosure_index: row.code for row in connection.execute(known)}
    new = {index: _code(rng) for index in sorted(set(indices) - codes.keys())}
    rows = [{"project": project, "disclosure_index": index, "code": code} for index, code in new.items()]
    if rows:
        connection.execute(sa.insert(SUBJECT_CODES), rows)
    codes |= new
    return {index: codes[index] for index in sorted(indices)}, len(new)


def _code(rng: Chance) -> str:
    return "".join(ALPHABET[rng.getrandbits(5)] for _ in range(CODE_LENGTH))
