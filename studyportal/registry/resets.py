"""Keep resets of participants' six words, and the consent keys that they replaced. Who, when and in which state."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from studyportal.errors import Conflict
from studyportal.registry.reset_states import MEANWHILE, state_after
from studyportal.registry.reset_tables import FORMER_CONSENT_KEYS, IS_RUNNING, PASSPHRASE_RESETS
from studyportal.registry.tables import ENROLMENTS

_RESETS, _ENROLMENTS = PASSPHRASE_RESETS.c, ENROLMENTS.c
_ADD = {
    "sqlite": sqlite.insert(PASSPHRASE_RESETS).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(PASSPHRASE_RESETS).on_conflict_do_nothing(),
}
# What the clinic may see: neither the hash of the code nor what the new words yield.
OUTSIDE = (
    _RESETS.id, _RESETS.enrolment, _RESETS.state, _RESETS.asked_at, _RESETS.asked_by, _RESETS.asked_check,
    _RESETS.confirmed_at, _RESETS.confirmed_by, _RESETS.confirmed_check, _RESETS.ready_at, _RESETS.code_at,
    _RESETS.code_by, _RESETS.taken_at, _RESETS.ended_at, _RESETS.ended_by,
)  # fmt: skip
# What is taken out of the row again as soon as it stands in its place, or never will.
_NOTHING_TAKEN: Mapping[str, None] = dict.fromkeys(
    ("salt", "verifier_hash", "reading_public", "consent_public", "code_given")
)


def add_reset(
    connection: sa.Connection, id: UUID, enrolment: UUID, *, asked_by: UUID, check: str, now: datetime
) -> bool:
    """Insert a reset that one member of staff asks for; False when one of this enrolment is running."""
    row = {"id": id, "enrolment": enrolment, "state": "asked", "asked_at": now, "asked_by": asked_by}
    row |= {"asked_check": check}
    added = connection.execute(_ADD[connection.dialect.name], row, execution_options={"preserve_rowcount": True})
    return added.rowcount == 1


def reset(connection: sa.Connection, id: UUID) -> sa.Row | None:
    """One whole row, for custody."""
    return connection.execute(sa.select(PASSPHRASE_RESETS).where(_RESETS.id == id)).first()


def running_reset(connection: sa.Connection, enrolment: UUID) -> sa.Row | None:
    """The reset of this enrolment that runs, as the clinic may see it; None if there is none."""
    return connection.execute(sa.select(*OUTSIDE).where(_RESETS.enrolment == enrolment, IS_RUNNING)).first()


def reset_with_code(connection: sa.Connection, enrolment: UUID) -> sa.Row | None:
    """The reset of this enrolment for which a code was handed over, with the hash of the code; None if there is
    none."""
    query = sa.select(*OUTSIDE, _RESETS.code_hash).where(_RESETS.enrolment == enrolment, _RESETS.state == "code")
    return connection.execute(query).first()


def reset_of_site(connection: sa.Connection, site: str, id: UUID) -> sa.Row | None:
    """One reset with its participant (participant_code, zone); None also for another site's."""
    return connection.execute(_of_site(site).where(_RESETS.id == id)).first()


def resets_of_site(connection: sa.Connection, site: str, *, since: datetime) -> Sequence[sa.Row]:
    """The same rows for resets of this site that run or have ended since a moment; those that run first, the oldest
    first."""
    query = _of_site(site).where(sa.or_(_RESETS.ended_at.is_(None), _RESETS.ended_at >= since))
    return connection.execute(query.order_by(_RESETS.ended_at.is_not(None), _RESETS.asked_at, _RESETS.id)).all()


def running_resets(connection: sa.Connection, site: str) -> Sequence[sa.Row]:
    """The same rows for the resets of this site that run, the oldest first."""
    return connection.execute(_of_site(site).where(IS_RUNNING).order_by(_RESETS.asked_at, _RESETS.id)).all()


def change_reset(connection: sa.Connection, row: Any, act: str, values: Mapping[str, Any]) -> str:
    """Do an act of `reset_states.TRANSITIONS` to the reset in `row`, and write `values` with it; its new state.

    Raises `Conflict` where the act does not fit the state, or when somebody else was quicker.
    """
    state = state_after(row.state, act)
    same = (_RESETS.id == row.id, _RESETS.state == row.state)
    cleared = _NOTHING_TAKEN if row.state == "taken" else {}
    changed = sa.update(PASSPHRASE_RESETS).where(*same).values({"state": state, **cleared, **values})
    if connection.execute(changed).rowcount != 1:
        raise Conflict(MEANWHILE["cancelled"])
    return state


def _of_site(site: str) -> sa.Select:
    joined = PASSPHRASE_RESETS.join(ENROLMENTS, _ENROLMENTS.id == _RESETS.enrolment)
    whose = (_ENROLMENTS.participant_code, _ENROLMENTS.zone, _ENROLMENTS.started_on)
    return sa.select(*OUTSIDE, *whose).select_from(joined).where(_ENROLMENTS.site == site)


def replace_passphrase(connection: sa.Connection, enrolment: UUID, new: Mapping[str, bytes], *, now: datetime) -> None:
    """Let an enrolment have another passphrase (salt, verifier_hash, reading_public, consent_public).

    The former consent key stays known: what was signed with it was signed.
    """
    former = connection.scalar(sa.select(_ENROLMENTS.consent_public).where(_ENROLMENTS.id == enrolment))
    if former is not None and former != new["consent_public"]:
        connection.execute(sa.insert(FORMER_CONSENT_KEYS), {"enrolment": enrolment, "until": now, "public": former})
    connection.execute(sa.update(ENROLMENTS).where(_ENROLMENTS.id == enrolment).values(dict(new)))


def consent_public_at(connection: sa.Connection, enrolment: UUID, moment: datetime) -> bytes | None:
    """The public consent key (32 bytes) that was this enrolment's at a moment; None for somebody without a
    passphrase."""
    former = FORMER_CONSENT_KEYS.c
    query = sa.select(former.public).where(former.enrolment == enrolment, former.until > moment)
    then = connection.scalar(query.order_by(former.until).limit(1))
    return then or connection.scalar(sa.select(_ENROLMENTS.consent_public).where(_ENROLMENTS.id == enrolment))
