"""Open what a page publishes: the ledger is charged before anything of it is worked out, and by what was asked alone."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from studyportal import clock
from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import reading, writing
from studyportal.research.access.project import project
from studyportal.research.cohorts.blocks import is_free
from studyportal.research.disclosure.ledger import Block, LedgerSpent, Price, price
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.web.access import signed_in
from studyportal.web.sign_in.views import actor_of
from studyportal.workbench.ledger import LedgerBlock, add_blocks, blocks_of, blocks_of_others, lock_ledger

BIND = "workbench"
# What others opened counts so long.
REMEMBERED = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger of one project, on one snapshot."""

    snapshot: OpenedSnapshot
    project: str

    def price(self, blocks: Iterable[Block], *, now: datetime) -> Price:
        """What these would cost, and how much is used."""
        with reading(BIND) as connection:
            return self._price(connection, self._charged(blocks), now=now)

    def open(self, blocks: Iterable[Block], *, account: UUID, actor: Actor, now: datetime) -> None:
        """Charge what was not opened before. Raises `LedgerSpent` if a reviewer has to decide; then nothing is charged."""
        charged = self._charged(blocks)
        with reading(BIND) as connection:
            if charged <= _opened(blocks_of(connection, self.project)):
                return
        try:
            with writing(BIND) as connection:
                lock_ledger(connection)
                cost = self._price(connection, charged, now=now)
                cost.check()
                add_blocks(connection, map(_kept, charged), project=self.project, account=account, now=now)
                self._note(connection, "ledger:open", actor, cost, now=now)
        except LedgerSpent:
            with writing(BIND) as connection:
                self._note(connection, "ledger:refuse", actor, cost, now=now)
            raise

    def _charged(self, blocks: Iterable[Block]) -> set[Block]:
        return {block for block in blocks if not is_free(block, courses=self.snapshot.public_courses)}

    def _price(self, connection: sa.Connection, blocks: Collection[Block], *, now: datetime) -> Price:
        others = blocks_of_others(connection, self.project, since=now - REMEMBERED)
        return price(
            blocks,
            project=_opened(blocks_of(connection, self.project)),
            others=_opened(others),
            protection=self.snapshot.codebook.protection,
        )

    def _note(self, connection: sa.Connection, action: str, actor: Actor, cost: Price, *, now: datetime) -> None:
        detail = {"snapshot": self.snapshot.number, "units": cost.units}
        record(connection, BIND, AuditEvent(actor, action, "project", self.project, detail), now=now)


def charge(snapshot: OpenedSnapshot, blocks: Iterable[Block]) -> None:
    """Open for whoever asks in this request, in their project. Raises what `open` raises."""
    caller = signed_in()
    Ledger(snapshot, project().project).open(blocks, account=UUID(str(caller.id)), actor=actor_of(caller), now=clock.now())


def _kept(block: Block) -> LedgerBlock:
    return LedgerBlock(block.snapshot, json.dumps(block.rules, separators=(",", ":")), block.kind, block.about)


def _opened(kept: Iterable[LedgerBlock]) -> set[Block]:
    return {
        Block(one.snapshot, tuple((name, tuple(values)) for name, values in json.loads(one.criteria)), one.kind, one.item)  # type: ignore[arg-type]
        for one in kept
    }
