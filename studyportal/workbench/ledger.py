"""Keep what each project opened: the questions, never who was in them."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa

from studyportal.database import insert_once
from studyportal.workbench.tables import LEDGER_BLOCKS

# Any number will do, as long as it is always this one.
_LOCK = 7_313_004_003


@dataclass(frozen=True, slots=True)
class LedgerBlock:
    """One partition of one cohort (`criteria` as canonical JSON) on one snapshot, that was opened."""

    snapshot: int
    criteria: str
    kind: str
    item: str

    @property
    def digest(self) -> bytes:
        body = json.dumps([self.snapshot, self.criteria, self.kind, self.item], separators=(",", ":"))
        return hashlib.sha256(body.encode()).digest()


def blocks_of(connection: sa.Connection, project: str) -> Sequence[LedgerBlock]:
    """Everything that a project ever opened."""
    return _blocks(connection, LEDGER_BLOCKS.c.project == project)


def blocks_of_others(connection: sa.Connection, project: str, *, since: datetime) -> Sequence[LedgerBlock]:
    """What all other projects opened since then."""
    return _blocks(connection, (LEDGER_BLOCKS.c.project != project) & (LEDGER_BLOCKS.c.opened_at >= since))


def lock_ledger(connection: sa.Connection) -> None:
    """Let nobody else open anything meanwhile: what is left is looked at before it is used. On SQLite a writer is alone
    anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def add_blocks(
    connection: sa.Connection, blocks: Iterable[LedgerBlock], *, project: str, account: UUID, now: datetime
) -> None:
    """Keep that these were opened; those that were before stay as they are."""
    for block in blocks:
        row = {
            "id": uuid4(),
            "project": project,
            "block": block.digest,
            "snapshot": block.snapshot,
            "criteria": block.criteria,
            "kind": block.kind,
            "item": block.item,
            "opened_at": now,
            "opened_by": account,
        }
        insert_once(connection, LEDGER_BLOCKS, row, key=["project", "block"])


def _blocks(connection: sa.Connection, those: sa.ColumnElement[bool]) -> Sequence[LedgerBlock]:
    columns = (LEDGER_BLOCKS.c.snapshot, LEDGER_BLOCKS.c.criteria, LEDGER_BLOCKS.c.kind, LEDGER_BLOCKS.c.item)
    return [LedgerBlock(*row) for row in connection.execute(sa.select(*columns).where(those).distinct())]
