"""Reports: asked for, on their way, made or given up. What was made never changes."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from studyportal.errors import NotFound
from studyportal.workbench.tables import REPORTS

_OF = REPORTS.c
# What a page shows of a report; the paper itself is read for a download alone.
_SHOWN = [column for column in _OF if column is not _OF.content]
_OPEN = (_OF.made_at.is_(None), _OF.given_up_at.is_(None))


def add_report(
    connection: sa.Connection,
    report: UUID,
    *,
    project: str,
    kind: str,
    title: str,
    snapshot: int,
    criteria: str,
    size: str,
    sections: int,
    account: UUID,
    now: datetime,
) -> None:
    """Keep that somebody wants a report: `criteria` as canonical JSON, `size` "A4" or "Letter"."""
    values = {
        "id": report,
        "project": project,
        "kind": kind,
        "title": title,
        "snapshot": snapshot,
        "criteria": criteria,
        "size": size,
        "sections": sections,
        "asked_at": now,
        "asked_by": account,
    }
    connection.execute(sa.insert(REPORTS).values(values))


def reports_of(connection: sa.Connection, project: str) -> list[Mapping[str, Any]]:
    """The reports of a project, newest first, without their contents."""
    query = sa.select(*_SHOWN).where(_OF.project == project).order_by(_OF.asked_at.desc(), _OF.id)
    return [*connection.execute(query).mappings()]


def report(connection: sa.Connection, project: str, identifier: UUID) -> Mapping[str, Any]:
    """One report of this project, without its content; raises `NotFound`, also for another project's."""
    row = connection.execute(sa.select(*_SHOWN).where(_OF.id == identifier, _OF.project == project)).mappings().first()
    if row is None:
        raise NotFound("There is no such report in this project.")
    return row


def wanted_report(connection: sa.Connection, identifier: UUID) -> Mapping[str, Any] | None:
    """A report that is neither made nor given up; None if there is no such one: for the worker."""
    row = connection.execute(sa.select(*_SHOWN).where(_OF.id == identifier, *_OPEN)).mappings().first()
    return row


def content_of(connection: sa.Connection, identifier: UUID) -> bytes:
    """The PDF of a report that was made."""
    found: bytes = connection.execute(sa.select(_OF.content).where(_OF.id == identifier)).scalar_one()
    return found


def note_progress(connection: sa.Connection, identifier: UUID, done: int) -> None:
    """Write down how many sections are done."""
    connection.execute(sa.update(REPORTS).where(_OF.id == identifier, *_OPEN).values(done=done))


def keep_report(connection: sa.Connection, identifier: UUID, pdf: bytes, *, now: datetime) -> bool:
    """Keep what was made; False if it was made or given up meanwhile, and then nothing is kept."""
    values = {"made_at": now, "content": pdf, "sha256": sha256(pdf).digest(), "done": _OF.sections}
    return connection.execute(sa.update(REPORTS).where(_OF.id == identifier, *_OPEN).values(values)).rowcount == 1


def give_up_report(connection: sa.Connection, identifier: UUID, reason: str, *, now: datetime) -> bool:
    """Write down why a report will not be made."""
    values = {"given_up_at": now, "reason": reason[:500]}
    return connection.execute(sa.update(REPORTS).where(_OF.id == identifier, *_OPEN).values(values)).rowcount == 1
