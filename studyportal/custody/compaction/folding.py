"""Make the next block of an enrolment out of opened entries. Pure but for the seal; refuses nothing silently."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa

from studyportal.custody.opening.entries import open_block
from studyportal.errors import Invalid
from studyportal.protocol import Protocol
from studyportal.protocol.columns import Row, pack, rows
from studyportal.registry.contexts import block_context
from studyportal.sealing.opening import Opener

# A block below this many bytes takes the next entries in: a month of evening diaries has about 16 KB, and opening a
# block costs the same whether it has one row or a thousand.
SMALL = 32_768


@dataclass(frozen=True, slots=True)
class NewBlock:
    """What is to be written: `replaces` is the revision that it takes the place of, or None."""

    number: int
    replaces: int | None
    sealed: bytes
    entries: tuple[UUID, ...]
    faults: dict[UUID, str] = field(default_factory=dict)


def fold(
    enrolment: UUID, fresh: Sequence[Row], last: sa.Row | None, opener: Opener, *, protocol: Protocol
) -> NewBlock | None:
    """The block that holds `fresh`, together with what is in `last` (the newest block) if that is small.

    Entries that cannot be kept as columns are named in `faults`; None if none can. Raises `CannotOpen` when `last`
    does not open.
    """
    fresh, faults = _packable(fresh, protocol)
    if not fresh:
        return NewBlock(0, None, b"", (), faults) if faults else None
    number, replaces, former = (last.number + 1, None, []) if last else (1, None, [])
    if last is not None and len(last.sealed) < SMALL:
        number, replaces = last.number, last.revision
        former = [row for batch in open_block(last, opener, protocol=protocol).values() for row in rows(batch)]
    about = block_context(protocol.study.code, enrolment, number, 1 if replaces is None else replaces + 1)
    sealed = opener.seal_block(pack([*former, *fresh], protocol), about)
    return NewBlock(number, replaces, sealed, tuple(row.entry_id for row in fresh), faults)


def _packable(fresh: Sequence[Row], protocol: Protocol) -> tuple[Sequence[Row], dict[UUID, str]]:
    try:
        pack(fresh, protocol)
        return fresh, {}
    except Invalid:
        pass
    kept, faults = [], {}
    for row in fresh:
        try:
            pack([row], protocol)
            kept.append(row)
        except Invalid:
            faults[row.entry_id] = "not_in_protocol"
    return kept, faults
