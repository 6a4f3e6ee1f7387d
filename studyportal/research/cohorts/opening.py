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
from studyportal.errors import NotAllowed
from studyportal.research.access.project import project
from studyportal.research.cohorts.blocks import is_free
from studyportal.research.cohorts.criteria import saved_rules
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

    def closed(self, blocks: Iterable[Block]) -> set[Block]:
        """Those of these that have to be opened yet: not free, and not opened before."""
        with reading(BIND) as connection:
            return self._charged(blocks) - _opened(blocks_of(connection, self.project))

    def _charged(self, blocks: Iterable[Block]) -> set[Block]:
        return {block for block in blocks if not is_free(block, courses=self.snapshot.public_courses, bins=self.snapshot.bins)}

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


def ledger_of(snapshot: OpenedSnapshot) -> Ledger:
    """That of the project of this request."""
    return Ledger(snapshot, project().project)


def check_open(snapshot: OpenedSnapshot, blocks: Iterable[Block]) -> None:
    """Raise `NotAllowed` for what was not opened: a file is of what was seen, after its price was."""
    if ledger_of(snapshot).closed(blocks):
        raise NotAllowed("This result was not opened yet. Open it on the cohort's page, where its price stands, and then download it.")


def charge(snapshot: OpenedSnapshot, blocks: Iterable[Block]) -> None:
    """Open for whoever asks in this request, in their project. Raises what `open` raises."""
    caller = signed_in()
    ledger_of(snapshot).open(blocks, account=UUID(str(caller.id)), actor=actor_of(caller), now=clock.now())


def _kept(block: Block) -> LedgerBlock:
    kept = {"rules": block.rules, "without": block.without} if block.without else block.rules
    return LedgerBlock(block.snapshot, json.dumps(kept, separators=(",", ":")), block.kind, block.about)


def _opened(kept: Iterable[LedgerBlock]) -> set[Block]:
    found = ((one, *saved_rules(one.criteria)) for one in kept)
    return {Block(one.snapshot, rules, one.kind, one.item, without) for one, rules, without in found}  # type: ignore[arg-type]
