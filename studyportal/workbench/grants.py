"""Approvals: a document that custody signed. The document counts; the columns beside it only find it.

A grant that is unsigned, altered, another's, of another study, ended or expired is refused, at every request anew.
"""

from datetime import datetime
from uuid import UUID

import msgspec
import sqlalchemy as sa

from studyportal.errors import Gone, NotAllowed, NotFound
from studyportal.sealing.signatures import verify
from studyportal.workbench.tables import GRANTS

LABEL = "studyportal grant"


class GrantDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What custody approves: this account, for this project and purpose, until then. Times are aware, in UTC."""

    grant: UUID
    study: str
    project: str
    account: UUID
    application: UUID
    title: str
    purpose: str
    issued_at: datetime
    expires_at: datetime


def encode(document: GrantDocument) -> str:
    """The canonical JSON that is signed and kept."""
    return msgspec.json.encode(document, order="sorted").decode()


def opened(row: sa.Row) -> GrantDocument:
    """The document in a row of `grants`, unchecked: for custody's own list. Access is decided by `checked` alone."""
    return msgspec.json.decode(row.document, type=GrantDocument)


def checked(row: sa.Row, *, study: str, account: UUID, custody_public: bytes, now: datetime) -> GrantDocument:
    """The document of a row of `grants`, if it allows `account` to work now.

    Raises `CannotOpen` for a signature that does not hold, `NotAllowed` for another's grant, `Gone` when it is over.
    """
    verify(LABEL, row.document.encode(), row.signature, public=custody_public)
    document = opened(row)
    if (document.grant, document.study, document.account) != (row.id, study, account):
        raise NotAllowed("This approval belongs to somebody else.")
    if row.ended_at is not None:
        raise Gone("This approval has been ended by the data custodian.")
    if now >= document.expires_at:
        raise Gone("This approval has expired.")
    return document


def add_grant(connection: sa.Connection, document: GrantDocument, signature: bytes) -> None:
    """Keep a signed grant; one application gives one grant at most."""
    connection.execute(
        sa.insert(GRANTS),
        {
            "id": document.grant,
            "project": document.project,
            "account": document.account,
            "application": document.application,
            "document": encode(document),
            "signature": signature,
            "issued_at": document.issued_at,
            "expires_at": document.expires_at,
        },
    )


def grants_of(connection: sa.Connection, account: UUID) -> list[sa.Row]:
    """All grants of one researcher, unchecked, newest first."""
    rows = sa.select(GRANTS).where(GRANTS.c.account == account).order_by(GRANTS.c.issued_at.desc())
    return list(connection.execute(rows))


def all_grants(connection: sa.Connection) -> list[sa.Row]:
    """Every grant, unchecked, newest first; for custody."""
    return list(connection.execute(sa.select(GRANTS).order_by(GRANTS.c.issued_at.desc())))


def end_grant(connection: sa.Connection, identifier: UUID, *, now: datetime) -> str:
    """End a grant at once and give back its project; raises `NotFound` when there is none that still runs."""
    ended = sa.update(GRANTS).where(GRANTS.c.id == identifier, GRANTS.c.ended_at.is_(None)).values(ended_at=now)
    project = connection.execute(ended.returning(GRANTS.c.project)).scalar()
    if project is None:
        raise NotFound("There is no such running approval.")
    return project
