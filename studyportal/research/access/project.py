"""Check, at every request, that custody approved this researcher for this project and that the approval still runs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import g, request

from studyportal import clock
from studyportal.database import reading
from studyportal.errors import NotAllowed, NotFound, Refusal
from studyportal.research.holdings import Holdings, holdings
from studyportal.web.access import signed_in
from studyportal.workbench import grants
from studyportal.workbench.grants import GrantDocument


def name_project(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Take the project out of the address, so that views need not carry it."""
    g.project_name = (values or {}).pop("project", None)


def put_project(endpoint: str, values: dict[str, Any]) -> None:
    """Put it into the addresses of the same project's pages."""
    values.setdefault("project", g.get("project_name"))


def admit() -> None:
    """Let the request through to a project's pages, or refuse. The access rule of the page was checked before."""
    account = UUID(str(signed_in().id))
    with reading("workbench") as connection:
        g.approval = approval(connection, g.project_name, account=account, holdings=holdings(), now=clock.now())


def project() -> GrantDocument:
    """The approval under which this request works."""
    found: GrantDocument = g.approval
    return found


def approval(
    connection: sa.Connection, name: str, *, account: UUID, holdings: Holdings, now: datetime
) -> GrantDocument:
    """The running approval of `account` for a project.

    Raises `NotFound` for a project of others or none, `Gone` once it has ended or expired, `CannotOpen` or
    `NotAllowed` if it is not what custody signed.
    """
    for row in grants.grants_of(connection, account):
        if row.project == name:
            return _checked(row, account=account, holdings=holdings, now=now)
    raise NotFound("There is no such project among yours.")


def _checked(row: sa.Row, *, account: UUID, holdings: Holdings, now: datetime) -> GrantDocument:
    public, study = holdings.custody_public, holdings.study
    document = grants.checked(row, study=study, account=account, custody_public=public, now=now)
    if document.project != row.project:
        raise NotAllowed("This approval belongs to another project.")
    return document


def standing(connection: sa.Connection, *, account: UUID, holdings: Holdings, now: datetime) -> list[Mapping[str, Any]]:
    """Every project of a researcher: its name, the document (None if it does not hold), and why it is closed or ""."""
    found: list[Mapping[str, Any]] = []
    for row in grants.grants_of(connection, account):
        try:
            document, closed = _checked(row, account=account, holdings=holdings, now=now), ""
        except Refusal as refusal:
            document, closed = None, refusal.sentence
        found.append({"name": row.project, "document": document, "closed": closed, "expires_at": row.expires_at})
    return found


def wanted_snapshot() -> int | None:
    """The snapshot that the address asks for; None is the newest. Raises `NotFound` for what is no number."""
    raw = request.args.get("snapshot", "")
    if raw and not (raw.isascii() and raw.isdigit() and len(raw) <= 6):
        raise NotFound("There is no such snapshot.")
    return int(raw) if raw else None
