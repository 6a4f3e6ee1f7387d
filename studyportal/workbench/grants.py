"""Approvals: a document that custody signed. The document counts; the columns beside it only find it.

A grant that is unsigned, altered, another's, of another study, suspended, ended or expired is refused, at every request
anew. A document of an older form names no questions and no agreement, so it opens nothing.
"""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import sqlalchemy as sa

from studyportal.errors import Conflict, Gone, NotAllowed, NotFound
from studyportal.sealing.signatures import verify
from studyportal.workbench.levels import AGGREGATES, RECORDS
from studyportal.workbench.tables import GRANT_EVENTS, GRANTS

LABEL = "studyportal grant"


class GrantDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What custody approves: this account, for this project and purpose, these questions, so closely, until then.

    Times are aware, in UTC. `agreement_sha256` (hex) is of the text that must be signed before anything opens.
    """

    grant: UUID
    study: str
    project: str
    account: UUID
    application: UUID
    title: str
    purpose: str
    issued_at: datetime
    expires_at: datetime
    items: tuple[str, ...] = ()
    level: str = AGGREGATES
    agreement: str = ""
    agreement_sha256: str = ""

    @property
    def last_day(self) -> date:
        """The last day, in UTC, of which a moment is covered."""
        return (self.expires_at - timedelta(microseconds=1)).date()

    @property
    def covers_records(self) -> bool:
        """Whether it lets single rows out, and not protected numbers alone."""
        return self.level == RECORDS


def encode(document: GrantDocument) -> str:
    """The canonical JSON that is signed and kept."""
    return msgspec.json.encode(document, order="sorted").decode()


def opened(row: sa.Row) -> GrantDocument:
    """The document in a row of `grants`, unchecked: for custody's own list. Access is decided by `checked` alone."""
    return msgspec.json.decode(row.document, type=GrantDocument)


def authentic(row: sa.Row, *, study: str, account: UUID, custody_public: bytes) -> GrantDocument:
    """The document of a row of `grants` if custody signed it for `account`, whether or not it still runs.

    Raises `CannotOpen` for a signature that does not hold, `NotAllowed` for another's grant.
    """
    verify(LABEL, row.document.encode(), row.signature, public=custody_public)
    document = opened(row)
    named = (document.grant, document.study, document.account, document.project)
    if named != (row.id, study, account, row.project):
        raise NotAllowed("This approval belongs to somebody else.")
    return document


def checked(row: sa.Row, *, study: str, account: UUID, custody_public: bytes, now: datetime) -> GrantDocument:
    """The same if it allows `account` to work now. Raises also `NotAllowed` while it is suspended, `Gone` when over."""
    document = authentic(row, study=study, account=account, custody_public=custody_public)
    if row.ended_at is not None:
        raise Gone("This approval has been ended by the data custodian.")
    if now >= document.expires_at:
        raise Gone("This approval has expired.")
    if row.suspended_at is not None:
        raise NotAllowed("This approval is suspended by the data custodian. Nothing of it opens until it is resumed.")
    return document


def standing_of(row: sa.Row, *, now: datetime) -> str:
    """How a grant stands by its columns, for lists: "ended", "expired", "suspended" or "running"."""
    if row.ended_at is not None:
        return "ended"
    if now >= row.expires_at:
        return "expired"
    return "suspended" if row.suspended_at is not None else "running"


def add_grant(connection: sa.Connection, document: GrantDocument, signature: bytes) -> None:
    """Keep a signed grant; one application gives one grant at most."""
    row = {
        "id": document.grant,
        "project": document.project,
        "account": document.account,
        "application": document.application,
        "document": encode(document),
        "signature": signature,
        "issued_at": document.issued_at,
        "expires_at": document.expires_at,
    }
    connection.execute(sa.insert(GRANTS), row)


def grants_of(connection: sa.Connection, account: UUID) -> list[sa.Row]:
    """All grants of one researcher, unchecked, newest first."""
    rows = sa.select(GRANTS).where(GRANTS.c.account == account).order_by(GRANTS.c.issued_at.desc())
    return list(connection.execute(rows))


def all_grants(connection: sa.Connection) -> list[sa.Row]:
    """Every grant, unchecked, newest first; for custody."""
    return list(connection.execute(sa.select(GRANTS).order_by(GRANTS.c.issued_at.desc())))


def find_grant(connection: sa.Connection, identifier: UUID) -> sa.Row:
    """One grant, unchecked; raises `NotFound`."""
    row = connection.execute(sa.select(GRANTS).where(GRANTS.c.id == identifier)).first()
    if row is None:
        raise NotFound("There is no such approval.")
    return row


def grant_of(connection: sa.Connection, project: str) -> sa.Row:
    """The grant of a project, unchecked; raises `NotFound`."""
    row = connection.execute(sa.select(GRANTS).where(GRANTS.c.project == project)).first()
    if row is None:
        raise NotFound("There is no such project.")
    return row


def end_grant(connection: sa.Connection, identifier: UUID, *, now: datetime) -> None:
    """End a grant at once and for good; raises `Conflict` when it has ended before."""
    _change(connection, identifier, GRANTS.c.ended_at.is_(None), ended_at=now)


def suspend_grant(connection: sa.Connection, identifier: UUID, *, now: datetime) -> None:
    """Shut a grant until it is resumed; raises `Conflict` when it does not run."""
    runs = GRANTS.c.ended_at.is_(None) & GRANTS.c.suspended_at.is_(None) & (GRANTS.c.expires_at > now)
    _change(connection, identifier, runs, suspended_at=now)


def resume_grant(connection: sa.Connection, identifier: UUID, *, now: datetime) -> None:
    """Open a suspended grant again; raises `Conflict` when it is not suspended, or is over."""
    shut = GRANTS.c.ended_at.is_(None) & GRANTS.c.suspended_at.is_not(None) & (GRANTS.c.expires_at > now)
    _change(connection, identifier, shut, suspended_at=None)


def renew_grant(connection: sa.Connection, before: str, document: GrantDocument, signature: bytes) -> None:
    """Put a new signed document in the place of `before`; raises `Conflict` when that is not there any more."""
    same = GRANTS.c.ended_at.is_(None) & (GRANTS.c.document == before)
    values = {"document": encode(document), "signature": signature, "expires_at": document.expires_at}
    _change(connection, document.grant, same, **values)


def _change(connection: sa.Connection, identifier: UUID, where: sa.ColumnElement[bool], **values: object) -> None:
    changed = sa.update(GRANTS).where(GRANTS.c.id == identifier, where).values(**values)
    if connection.execute(changed).rowcount != 1:
        find_grant(connection, identifier)
        raise Conflict("This approval has changed since you opened it. Look at it again, then go on.")


def add_event(
    connection: sa.Connection,
    project: str,
    what: str,
    *,
    by: UUID,
    by_name: str,
    reason: str,
    now: datetime,
    document: str | None = None,
    signature: bytes | None = None,
) -> None:
    """Write down who did what (of CHANGES) to a grant."""
    row = {"id": uuid4(), "project": project, "at": now, "what": what, "by": by, "by_name": by_name}
    more = {"reason": reason, "document": document, "signature": signature}
    connection.execute(sa.insert(GRANT_EVENTS), row | more)


def history_of(connection: sa.Connection, project: str) -> list[sa.Row]:
    """What happened to a project's grant, newest first."""
    rows = sa.select(GRANT_EVENTS).where(GRANT_EVENTS.c.project == project).order_by(GRANT_EVENTS.c.at.desc())
    return list(connection.execute(rows))
