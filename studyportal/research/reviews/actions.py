"""What a researcher can do about a review of the ledger: ask, take it back, open what custody allowed.

What is opened is exactly what was asked, once, in the one transaction that holds the ledger's lock. Nothing here
looks at people.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import writing
from studyportal.errors import CannotOpen, Conflict, Invalid, TooMany
from studyportal.research.access.asking import one_line
from studyportal.research.cohorts.opening import Ledger, kept_block, opened_blocks
from studyportal.research.disclosure.ledger import Block, LedgerSpent, Price, StudySpent, of_the_same
from studyportal.research.reviews.wording import told
from studyportal.workbench.ledger import add_blocks, blocks_of, lock_ledger
from studyportal.workbench.reviews import (
    MOST_WAITING,
    Asking,
    add_review,
    allowance,
    find_review,
    in_order,
    open_review,
    use_review,
    waiting_reviews,
    withdraw_review,
)

BIND = "workbench"
WITHIN = "The ledger of the project holds this. Open it on the cohort's page; nobody has to allow it."

Still = Callable[[sa.Connection], None]


def ask_review(
    review: UUID,
    blocks: Iterable[Block],
    *,
    ledger: Ledger,
    address: str,
    reason: str,
    account: UUID,
    still: Still,
    actor: Actor,
    now: datetime,
) -> None:
    """Put before custody what the ledger does not hold. `address` (JSON) leads back to its page.

    Raises `Conflict` if the ledger holds it, or if it was asked and still waits or is allowed; `StudySpent` if nobody
    could allow it; `TooMany`; `Invalid` without a reason; what `still` raises.
    """
    charged, reason = ledger.charged(blocks), one_line(reason)
    if not reason:
        raise Invalid("Write a reason that can be read.", {"reason": "Write a reason that can be read."})
    with writing(BIND) as connection:
        still(connection)
        lock_ledger(connection)
        cost = ledger.price_in(connection, charged, now=now)
        _check_needed(cost)
        kept = in_order(map(kept_block, charged))
        if open_review(connection, ledger.project, kept, now=now) is not None:
            raise Conflict("This was asked for already. What became of it stands under Reviews.")
        if len(waiting_reviews(connection, ledger.project)) >= MOST_WAITING:
            raise TooMany(
                f"{MOST_WAITING} reviews of this project wait. Take one back, or wait until one is decided.",
                retry_after=3600,
            )
        book, before = ledger.snapshot.codebook, opened_blocks(blocks_of(connection, ledger.project))
        asking = Asking(
            project=ledger.project,
            account=account,
            blocks=kept,
            told=told(charged - before, book),
            opened=told(of_the_same(before, charged), book),
            address=address,
            units=cost.units,
            used_before=cost.before,
            reach=cost.used,
            reach_of_all=cost.used_of_all,
            reason=reason,
        )
        add_review(connection, review, asking, now=now)
        _tell(connection, "ask", review, actor, ledger.project, now=now, units=cost.units)


def _check_needed(cost: Price) -> None:
    if cost.is_within:
        raise Conflict(WITHIN)
    if not cost.may_be_reviewed:
        raise StudySpent(cost.refusal)


def take_back_review(review: UUID, *, project: str, still: Still, actor: Actor, now: datetime) -> None:
    """Take back a request that waits. Raises `NotFound`, `Conflict` if it no longer waits, what `still` raises."""
    with writing(BIND) as connection:
        still(connection)
        withdraw_review(connection, review, project=project, now=now)
        _tell(connection, "withdraw", review, actor, project, now=now)


def open_allowed(
    review: UUID,
    *,
    ledger: Ledger,
    account: UUID,
    study: str,
    custody_public: bytes,
    still: Still,
    actor: Actor,
    now: datetime,
) -> None:
    """Open what custody allowed, once. `ledger` is the project's, on the snapshot of which it was asked.

    Raises what `allowance` and `still` raise, `NotFound`, `CannotOpen` for another snapshot, `LedgerSpent` if the
    project has opened more meanwhile than the custodian read, and `StudySpent`; then nothing is opened, and the
    allowance stays.
    """
    try:
        with writing(BIND) as connection:
            still(connection)
            lock_ledger(connection)
            row = find_review(connection, review, project=ledger.project)
            document = allowance(row, study=study, custody_public=custody_public, now=now)
            if any(block.snapshot != ledger.snapshot.number for block in document.blocks):
                raise CannotOpen
            ledger.price_in(connection, opened_blocks(document.blocks), now=now).check_allowed(document.reach)
            add_blocks(connection, document.blocks, project=ledger.project, account=account, now=now)
            use_review(connection, row, by=account, now=now)
            _tell(connection, "open", review, actor, ledger.project, now=now)
    except (LedgerSpent, StudySpent):
        with writing(BIND) as connection:
            _tell(connection, "exceed", review, actor, ledger.project, now=now)
        raise


def _tell(
    connection: sa.Connection, act: str, review: UUID, actor: Actor, project: str, *, now: datetime, **detail: int
) -> None:
    event = AuditEvent(actor, f"review:{act}", "review", str(review), {"project": project, **detail})
    record(connection, BIND, event, now=now)
