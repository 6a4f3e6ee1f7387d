"""Keep which texts of the consent form are in force: proposed by one person, put into force by another, once.

A version is kept as the hashes of its words, one for each language; the words stand in the study document. Nothing is
signed whose hash is not in force.
"""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa

from studyportal.database import insert_once
from studyportal.registry.form_tables import CONSENT_FORMS

_FORMS = CONSENT_FORMS.c


def form_in_force(connection: sa.Connection) -> sa.Row | None:
    """The version that people sign now: version, texts, in_force_at; None before there is one."""
    columns = (_FORMS.version, _FORMS.texts, _FORMS.in_force_at)
    query = sa.select(*columns).where(_FORMS.in_force_at.is_not(None)).order_by(_FORMS.in_force_at.desc()).limit(1)
    return connection.execute(query).first()


def texts_of(form: sa.Row) -> frozenset[str]:
    """The hex SHA-256 of the text of a version, in each of its languages."""
    return frozenset(json.loads(form.texts))


def waiting_form(connection: sa.Connection) -> sa.Row | None:
    """The proposal that waits for a second person, or None."""
    return connection.execute(sa.select(CONSENT_FORMS).where(_FORMS.is_open)).first()


def all_forms(connection: sa.Connection) -> Sequence[sa.Row]:
    """Every version that was ever proposed or in force, the newest first."""
    return connection.execute(sa.select(CONSENT_FORMS).order_by(_FORMS.proposed_at.desc())).all()


def begin_with(connection: sa.Connection, version: str, texts: Collection[str], *, now: datetime) -> None:
    """Put into force what a new instance begins with. The database refuses it once there is any version."""
    row = {"id": uuid4(), "version": version, "texts": _list(texts), "proposed_at": now, "in_force_at": now}
    connection.execute(sa.insert(CONSENT_FORMS), row)


def propose_form(
    connection: sa.Connection, id: UUID, version: str, texts: Collection[str], *, by: UUID, now: datetime
) -> bool:
    """Let a version wait for a second person; False while another one does."""
    row = {"id": id, "version": version, "texts": _list(texts), "proposed_at": now, "proposed_by": by, "is_open": True}
    return insert_once(connection, CONSENT_FORMS, row, key=["is_open"])


def put_into_force(connection: sa.Connection, id: UUID, *, by: UUID, now: datetime) -> bool:
    """Put a waiting version into force; False when it does not wait any more."""
    return _decide(connection, id, in_force_by=by, in_force_at=now)


def drop_proposal(connection: sa.Connection, id: UUID, *, by: UUID, now: datetime) -> bool:
    """Let a waiting version fall; False when it does not wait any more."""
    return _decide(connection, id, ended_by=by, ended_at=now)


def _decide(connection: sa.Connection, id: UUID, **decision: UUID | datetime) -> bool:
    open_one = sa.update(CONSENT_FORMS).where(_FORMS.id == id, _FORMS.is_open)
    return connection.execute(open_one.values(is_open=None, **decision)).rowcount == 1


def _list(texts: Collection[str]) -> str:
    return json.dumps(sorted(texts))
