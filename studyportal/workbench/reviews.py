"""Reviews of the ledger: a researcher asks for more than one project may open, custody allows exactly that, or refuses.

What is asked is blocks, by their words; never who is in them. What custody allows is a document that it signed: these
blocks, up to what its custodian read would then be used, until a day, once. The document counts; the columns beside it
only find it. One that is altered, another project's, of other blocks, used or expired opens nothing.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import sqlalchemy as sa

from studyportal.errors import CannotOpen, Conflict, Gone, NotFound
from studyportal.sealing.signatures import verify
from studyportal.workbench.ledger import LedgerBlock
from studyportal.workbench.tables import LEDGER_REVIEWS

LABEL = "studyportal ledger review"
# A custodian looks at what was opened by then; after a month that is another day's decision.
ALLOWED_FOR = timedelta(days=30)
REASON_LENGTH = 500
# Of one project at a time; a longer line is a mistake, or a way to hide one request among many.
MOST_WAITING = 5

_waits = LEDGER_REVIEWS.c.decision.is_(None) & LEDGER_REVIEWS.c.withdrawn_at.is_(None)


class Told(msgspec.Struct, frozen=True):
    """One cohort on one snapshot in words, and what is shown of it: (words, how much it counts)."""

    cohort: str
    snapshot: int
    shows: tuple[tuple[str, int], ...]


class ReviewDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What custody allows: that this project opens these blocks, once, until then, if no more than `reach` of its
    ledger is used for the same people afterwards. `told` is what the custodian read. Times are aware, in UTC."""

    review: UUID
    study: str
    project: str
    account: UUID
    blocks: tuple[LedgerBlock, ...]
    told: tuple[Told, ...]
    reach: int
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a researcher asks for. `opened` is what the project had opened of the same people, `address` (JSON) leads
    back. `units` is the price, `used_before` and `reach` what the project uses before and after, `reach_of_all`
    what all do."""

    project: str
    account: UUID
    blocks: tuple[LedgerBlock, ...]
    told: tuple[Told, ...]
    opened: tuple[Told, ...]
    address: str
    units: int
    used_before: int
    reach: int
    reach_of_all: int
    reason: str


def in_order(blocks: Iterable[LedgerBlock]) -> tuple[LedgerBlock, ...]:
    """The blocks of one question, always in the same order."""
    return tuple(sorted(blocks, key=lambda block: block.digest))


def question_of(blocks: tuple[LedgerBlock, ...]) -> bytes:
    """SHA-256 of the blocks of a question, by which it is the same however it was asked."""
    return hashlib.sha256(b"".join(block.digest for block in in_order(blocks))).digest()


def encode(value: object) -> str:
    """The canonical JSON that is signed and kept."""
    return msgspec.json.encode(value, order="sorted").decode()


def blocks_in(row: sa.Row) -> tuple[LedgerBlock, ...]:
    """The blocks that a review is about."""
    return msgspec.json.decode(row.blocks, type=tuple[LedgerBlock, ...])


def told_in(text: str) -> tuple[Told, ...]:
    """What is kept in the columns `told` and `opened`."""
    return msgspec.json.decode(text, type=tuple[Told, ...])


def state_of(row: sa.Row, *, now: datetime) -> str:
    """Where a review stands: "waiting", "withdrawn", "refused", "used", "expired", or "allowed"."""
    if row.withdrawn_at:
        return "withdrawn"
    if row.decision != "allowed":
        return row.decision or "waiting"
    return "used" if row.used_at else "expired" if now >= row.expires_at else "allowed"


def allowance(row: sa.Row, *, study: str, custody_public: bytes, now: datetime) -> ReviewDocument:
    """What custody signed for this review, if it can still be used.

    Raises `Conflict` if it was not allowed, `CannotOpen` for what custody did not sign or signed for something else,
    `Gone` once it was used or has expired.
    """
    if row.decision != "allowed":
        raise Conflict("The data custodian has not allowed this.")
    verify(LABEL, row.document.encode(), row.signature, public=custody_public)
    document = msgspec.json.decode(row.document, type=ReviewDocument)
    named = (document.review, document.study, document.project, document.account, question_of(document.blocks))
    if named != (row.id, study, row.project, row.account, row.question) or question_of(blocks_in(row)) != row.question:
        raise CannotOpen("What the data custodian signed is not what stands here.")
    if row.used_at is not None:
        raise Gone("What this review allowed was opened already. It costs nothing to look at it again.")
    if now >= document.expires_at:
        raise Gone("What this review allowed could be opened until a day that is past. Ask for a review again.")
    return document


def add_review(connection: sa.Connection, review: UUID, asking: Asking, *, now: datetime) -> None:
    """Keep a request. Whoever asks holds the lock of the ledger, so that two of the same question do not cross."""
    row = {
        "id": review,
        "project": asking.project,
        "account": asking.account,
        "asked_at": now,
        "question": question_of(asking.blocks),
        "blocks": encode(in_order(asking.blocks)),
        "told": encode(asking.told),
        "opened": encode(asking.opened),
        "address": asking.address,
        "units": asking.units,
        "used_before": asking.used_before,
        "reach": asking.reach,
        "reach_of_all": asking.reach_of_all,
        "reason": asking.reason,
    }
    connection.execute(sa.insert(LEDGER_REVIEWS), row)


def open_review(
    connection: sa.Connection, project: str, blocks: tuple[LedgerBlock, ...], *, now: datetime
) -> sa.Row | None:
    """The review of the same question that waits, or whose allowance can still be used."""
    rows = sa.select(LEDGER_REVIEWS).where(
        LEDGER_REVIEWS.c.project == project, LEDGER_REVIEWS.c.question == question_of(blocks)
    )
    return next((row for row in connection.execute(rows) if state_of(row, now=now) in ("waiting", "allowed")), None)


def reviews_of(connection: sa.Connection, project: str) -> list[sa.Row]:
    """Every review of a project, newest first."""
    rows = sa.select(LEDGER_REVIEWS).where(LEDGER_REVIEWS.c.project == project)
    return list(connection.execute(rows.order_by(LEDGER_REVIEWS.c.asked_at.desc())))


def waiting_reviews(connection: sa.Connection, project: str | None = None) -> list[sa.Row]:
    """Every review that waits for custody, oldest first; or those of one project."""
    rows = sa.select(LEDGER_REVIEWS).where(_waits).order_by(LEDGER_REVIEWS.c.asked_at)
    return list(connection.execute(rows if project is None else rows.where(LEDGER_REVIEWS.c.project == project)))


def closed_reviews(connection: sa.Connection, *, most: int) -> list[sa.Row]:
    """The reviews that were decided or taken back last, newest first."""
    closed_at = sa.func.coalesce(LEDGER_REVIEWS.c.decided_at, LEDGER_REVIEWS.c.withdrawn_at)
    return list(connection.execute(sa.select(LEDGER_REVIEWS).where(~_waits).order_by(closed_at.desc()).limit(most)))


def find_review(connection: sa.Connection, review: UUID, *, project: str | None = None) -> sa.Row:
    """One review, or one of this project; raises `NotFound` for another's as for none."""
    row = connection.execute(sa.select(LEDGER_REVIEWS).where(LEDGER_REVIEWS.c.id == review)).first()
    if row is None or project not in (None, row.project):
        raise NotFound("There is no such review.")
    return row


def withdraw_review(connection: sa.Connection, review: UUID, *, project: str, now: datetime) -> None:
    """Take back a review that waits; raises `NotFound`, `Conflict` if it no longer waits."""
    row = find_review(connection, review, project=project)
    _change(connection, row, _waits, withdrawn_at=now)


def decide_review(
    connection: sa.Connection,
    review: UUID,
    *,
    by: UUID,
    by_name: str,
    answer: str,
    document: ReviewDocument | None,
    signature: bytes | None,
    now: datetime,
) -> None:
    """Write down what custody signed, or with None that it refused. Raises `NotFound`, `Conflict`."""
    values = {"decided_at": now, "decided_by": by, "decided_name": by_name, "answer": answer, "decision": "refused"}
    if document is not None:
        signed = {"document": encode(document), "signature": signature, "expires_at": document.expires_at}
        values |= {"decision": "allowed", **signed}
    _change(connection, find_review(connection, review), _waits, **values)


def use_review(connection: sa.Connection, row: sa.Row, *, by: UUID, now: datetime) -> None:
    """Write down that what was allowed is opened; raises `Conflict` if somebody did a moment ago."""
    unused = (LEDGER_REVIEWS.c.decision == "allowed") & LEDGER_REVIEWS.c.used_at.is_(None)
    _change(connection, row, unused, used_at=now, used_by=by)


def _change(connection: sa.Connection, row: sa.Row, where: sa.ColumnElement[bool], **values: object) -> None:
    changed = sa.update(LEDGER_REVIEWS).where(LEDGER_REVIEWS.c.id == row.id, where).values(**values)
    if connection.execute(changed).rowcount != 1:
        raise Conflict(_too_late(find_review(connection, row.id)))


def _too_late(row: sa.Row) -> str:
    if row.withdrawn_at:
        return "The researcher took this back. Nothing was changed."
    if row.used_at:
        return "What this review allowed was opened already. Nothing was changed."
    return f"{row.decided_name} {row.decision} this before you. Nothing was changed."
