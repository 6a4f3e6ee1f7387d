"""Keep the signed copies of what people signed, and the names that they gave with it, each sealed to its person's
consent key. Nothing here opens one."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal.database import insert_once
from studyportal.registry.form_tables import CONSENT_COPIES, CONSENT_NAMES
from studyportal.registry.tables import CONSENT_RECORDS, WITHDRAWALS

_COPIES = CONSENT_COPIES.c


def consent_record(connection: sa.Connection, id: UUID) -> sa.Row | None:
    """One consent record, whosever it is, or None."""
    return connection.execute(sa.select(CONSENT_RECORDS).where(CONSENT_RECORDS.c.id == id)).first()


def is_erased(connection: sa.Connection, enrolment: UUID) -> bool:
    """Whether somebody asked for their erasure, done or not: nothing more is made for them."""
    of = WITHDRAWALS.c
    asked = sa.exists(of.enrolment).where(of.enrolment == enrolment, of.strength == "erase")
    return bool(connection.scalar(sa.select(asked)))


def add_copy(connection: sa.Connection, consent: UUID, enrolment: UUID, sealed: bytes, *, now: datetime) -> bool:
    """Keep a copy; False when there is one already."""
    row = {"consent": consent, "enrolment": enrolment, "made_at": now, "sealed": sealed}
    return insert_once(connection, CONSENT_COPIES, row, key=["consent"])


def copies_made(connection: sa.Connection, enrolment: UUID) -> frozenset[UUID]:
    """Of which of their consent records somebody's copy is made."""
    return frozenset(connection.scalars(sa.select(_COPIES.consent).where(_COPIES.enrolment == enrolment)))


def sealed_copy(connection: sa.Connection, consent: UUID, enrolment: UUID) -> bytes | None:
    """The copy of one record of this enrolment, sealed; None while it is being made."""
    query = sa.select(_COPIES.sealed).where(_COPIES.consent == consent, _COPIES.enrolment == enrolment)
    return connection.scalar(query)


def add_name(connection: sa.Connection, consent: UUID, enrolment: UUID, sealed: bytes) -> None:
    """Keep the sealed name of whoever signed this consent."""
    connection.execute(sa.insert(CONSENT_NAMES), {"consent": consent, "enrolment": enrolment, "sealed": sealed})


def sealed_name(connection: sa.Connection, consent: UUID) -> bytes | None:
    """The sealed name, for custody, which prints it; None where the form asked for none."""
    return connection.scalar(sa.select(CONSENT_NAMES.c.sealed).where(CONSENT_NAMES.c.consent == consent))


def erase_copies(connection: sa.Connection, enrolment: UUID) -> None:
    """Remove every copy and every name of one enrolment."""
    connection.execute(sa.delete(CONSENT_NAMES).where(CONSENT_NAMES.c.enrolment == enrolment))
    connection.execute(sa.delete(CONSENT_COPIES).where(_COPIES.enrolment == enrolment))
