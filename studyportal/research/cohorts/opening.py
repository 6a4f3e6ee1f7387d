"""Open what a page publishes: the ledger is charged before anything of it is worked out, and by what was asked
alone."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from flask import url_for

from studyportal import clock
from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import reading, writing
from studyportal.errors import NotAllowed
from studyportal.research.access.project import STEP_OF_COHORT, hold_for, project
from studyportal.research.cohorts.blocks import is_free
from studyportal.research.cohorts.criteria import saved_rules
from studyportal.research.cohorts.request import Asked
from studyportal.research.disclosure.ledger import Block, LedgerSpent, Price, StudySpent, price
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.web.access import signed_in
from studyportal.web.sign_in.views import actor_of
from studyportal.workbench.ledger import LedgerBlock, add_blocks, blocks_of, blocks_of_others, lock_ledger

BIND = "workbench"
# What a page or a file publishes of a cohort, and what its report does: what is asked of a reviewer is one of the two.
RESULTS, REPORT = "results", "report"
# What others opened counts so long.
REMEMBERED = timedelta(days=365)


class ReviewNeeded(LedgerSpent):
    """The same, with the address of the page that asks a reviewer for it."""

    def __init__(self, sentence: str, ask: str) -> None:
        super().__init__(sentence)
        self.ask = ask


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger of one project, on one snapshot."""

    snapshot: OpenedSnapshot
    project: str

    def price(self, blocks: Iterable[Block], *, now: datetime) -> Price:
        """What these would cost, and how much is used."""
        with reading(BIND) as connection:
            return self.price_in(connection, self.charged(blocks), now=now)

    def open(self, blocks: Iterable[Block], *, account: UUID, actor: Actor, now: datetime) -> bool:
        """Charge what was not opened before; whether there was any. Raises `LedgerSpent` if a reviewer has to decide,
        `StudySpent` if nobody can allow it; then nothing is charged."""
        charged = self.charged(blocks)
        with reading(BIND) as connection:
            if charged <= opened_blocks(blocks_of(connection, self.project)):
                return False
        try:
            with writing(BIND) as connection:
                lock_ledger(connection)
                cost = self.price_in(connection, charged, now=now)
                cost.check()
                add_blocks(connection, map(kept_block, charged), project=self.project, account=account, now=now)
                self._note(connection, "ledger:open", actor, cost, now=now)
                return True
        except (LedgerSpent, StudySpent):
            with writing(BIND) as connection:
                self._note(connection, "ledger:refuse", actor, cost, now=now)
            raise

    def closed(self, blocks: Iterable[Block]) -> set[Block]:
        """Those of these that have to be opened yet: not free, and not opened before."""
        with reading(BIND) as connection:
            return self.charged(blocks) - opened_blocks(blocks_of(connection, self.project))

    def charged(self, blocks: Iterable[Block]) -> set[Block]:
        """Those that are not free for all."""
        courses, bins = self.snapshot.public_courses, self.snapshot.bins
        return {block for block in blocks if not is_free(block, courses=courses, bins=bins)}

    def price_in(self, connection: sa.Connection, blocks: Collection[Block], *, now: datetime) -> Price:
        """The price of blocks that are not free, in a transaction of the caller's."""
        others = blocks_of_others(connection, self.project, since=now - REMEMBERED)
        return price(
            blocks,
            project=opened_blocks(blocks_of(connection, self.project)),
            others=opened_blocks(others),
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
        raise NotAllowed(
            "This result was not opened yet. Open it on the cohort's page, where its price stands, and then download it."
        )


def charge(question: Asked, blocks: Iterable[Block], *, about: str = RESULTS) -> None:
    """Open for whoever asks in this request, in their project. Raises `StudySpent`, and `ReviewNeeded` with the way to
    a reviewer, who is asked for all that the question publishes (`about`: RESULTS or REPORT)."""
    caller = signed_in()
    try:
        is_new = ledger_of(question.snapshot).open(
            blocks, account=UUID(str(caller.id)), actor=actor_of(caller), now=clock.now()
        )
    except LedgerSpent as refusal:
        raise ReviewNeeded(refusal.sentence, ask_address(question, about)) from None
    if is_new:
        hold_for(STEP_OF_COHORT)


def ask_address(question: Asked, about: str) -> str:
    """The page that asks a reviewer, on the snapshot that this was asked of."""
    return url_for("project.reviews.ask", about=about, **question.address(snapshot=question.snapshot.number))


def kept_block(block: Block) -> LedgerBlock:
    """A block as the workbench keeps it."""
    kept = {"rules": block.rules, "without": block.without} if block.without else block.rules
    return LedgerBlock(block.snapshot, json.dumps(kept, separators=(",", ":")), block.kind, block.about)


def opened_blocks(kept: Iterable[LedgerBlock]) -> set[Block]:
    """The same the other way round."""
    found = ((one, *saved_rules(one.criteria)) for one in kept)
    return {Block(one.snapshot, rules, one.kind, one.item, without) for one, rules, without in found}  # type: ignore[arg-type]
