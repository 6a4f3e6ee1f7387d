"""Find for whom at a site something waits, one question for each kind: whose, since when, and how pressing it is.

States and times only; no seal is touched. Every row has enrolment and participant_code.
"""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from studyportal.registry.adherence import has_left
from studyportal.registry.alert_tables import ERASED_ALERTS, SAFETY_ALERTS
from studyportal.registry.reset_tables import PASSPHRASE_RESETS
from studyportal.registry.tables import CONSENT_RECORDS, ENROLMENTS, WITHDRAWALS

_ENROLMENTS, _ALERTS, _ERASED, _RESETS = ENROLMENTS.c, SAFETY_ALERTS.c, ERASED_ALERTS.c, PASSPHRASE_RESETS.c
_WHOSE = (_ENROLMENTS.id.label("enrolment"), _ENROLMENTS.participant_code)


def running_alerts(connection: sa.Connection, site: str) -> Sequence[sa.Row]:
    """Alerts that are not closed: id, level, raised_at, holder (None: nobody has taken it on), and waits_until, where
    their participant's erasure waits for them."""
    of = WITHDRAWALS.c
    waiting = sa.select(sa.func.max(of.waits_until)).where(of.enrolment == _ALERTS.enrolment, of.completed_at.is_(None))
    waits_until = sa.type_coerce(waiting.scalar_subquery(), of.waits_until.type).label("waits_until")
    columns = (_ALERTS.id, _ALERTS.level, _ALERTS.raised_at, _ALERTS.holder, waits_until)
    return _rows(connection, site, SAFETY_ALERTS, columns, _ALERTS.closed_at.is_(None))


def alerts_erased(connection: sa.Connection, site: str) -> Sequence[sa.Row]:
    """Alerts that were erased while they ran, and nobody has read of it: id, erased_at, level (None: not handed
    over)."""
    columns = (_ERASED.id, _ERASED.erased_at, _ERASED.level)
    return _rows(connection, site, ERASED_ALERTS, columns, _ERASED.seen_at.is_(None))


def resets_for_staff(connection: sa.Connection, site: str) -> Sequence[sa.Row]:
    """Resets of six words in which staff have the next step: id, state, asked_at, asked_by, ready_at, code_at.

    Whether one has lapsed meanwhile is for `reset_states` to say.
    """
    columns = (_RESETS.id, _RESETS.state, _RESETS.asked_at, _RESETS.asked_by, _RESETS.ready_at, _RESETS.code_at)
    return _rows(connection, site, PASSPHRASE_RESETS, columns, _RESETS.state.in_(("asked", "waiting")))


def without_version(
    connection: sa.Connection, site: str, version: str, *, required_scopes: Collection[str]
) -> Sequence[sa.Row]:
    """Participants who have not agreed to this version of the consent form: agreed_at, when they last agreed to any.

    Not those who have left, nor those whose consent came from a file.
    """
    of = CONSENT_RECORDS.c
    latest = sa.select(sa.func.max(of.agreed_at)).where(of.enrolment == _ENROLMENTS.id).scalar_subquery()
    query = sa.select(*_WHOSE, sa.type_coerce(latest, of.agreed_at.type).label("agreed_at")).where(
        _ENROLMENTS.site == site, *_still_to_sign(version, required_scopes)
    )
    return connection.execute(query).all()


def count_without_version(connection: sa.Connection, version: str, *, required_scopes: Collection[str]) -> int:
    """How many participants of all sites have not agreed to this version, counted like those above."""
    query = sa.select(sa.func.count()).select_from(ENROLMENTS).where(*_still_to_sign(version, required_scopes))
    return connection.scalar(query) or 0


def _still_to_sign(version: str, required_scopes: Collection[str]) -> Sequence[sa.ColumnElement[bool]]:
    of = CONSENT_RECORDS.c
    to_this = sa.exists(of.enrolment).where(of.enrolment == _ENROLMENTS.id, of.form_version == version)
    return (
        _ENROLMENTS.started_on.is_not(None),
        _ENROLMENTS.source != "imported",
        sa.not_(to_this),
        sa.not_(has_left(required_scopes)),
    )


def _rows(
    connection: sa.Connection,
    site: str,
    table: sa.Table,
    columns: Sequence[sa.ColumnElement[Any]],
    which: sa.ColumnElement[bool],
) -> Sequence[sa.Row]:
    joined = table.join(ENROLMENTS, _ENROLMENTS.id == table.c.enrolment)
    query = sa.select(*_WHOSE, *columns).select_from(joined).where(_ENROLMENTS.site == site, which)
    return connection.execute(query).all()
