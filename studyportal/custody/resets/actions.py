"""Carry a reset on: begin its day, or put the new words into their place. Handed over by the outbox, so it may come
twice.

Custody believes neither room alone: the clinic must have named two live accounts of the participant's site, and intake
must bring the very code that was handed over after the day was over. Whoever has been erased meanwhile stays so.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from hmac import compare_digest
from uuid import UUID

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.custody.opening.key_file import Keys
from studyportal.custody.opening.transport import opened_seed
from studyportal.database import reading, writing
from studyportal.errors import Conflict, NotFound
from studyportal.keyring.contexts import seed_context
from studyportal.keyring.wrapping import custody_seeds, lock_seeds, put_to_reader
from studyportal.registry.enrolments import enrolment as enrolment_row
from studyportal.registry.passkeys import remove_passkeys
from studyportal.registry.reminders import forget_devices
from studyportal.registry.reset_states import DELAY, reset_code_hash
from studyportal.registry.resets import change_reset, replace_passphrase, reset, running_reset
from studyportal.registry.sessions import end_all_sessions
from studyportal.sealing import DOMAINS, ReadingKey, seal_to_reader
from studyportal.web.sign_in.accounts import accounts

ROLES = frozenset({"clinician", "coordinator"})


def carry_on(id: UUID, *, keys: Keys, study: str, actor: Actor, now: datetime) -> None:
    """Do what the state of a reset asks of custody; nothing when there is nothing to do. Raises `NotFound`."""
    with reading("registry") as connection:
        row = reset(connection, id)
    if row is None:
        raise NotFound("There is no such reset.")
    if act := ACTS.get(row.state):
        act(row, keys, study, actor, now)


def _begin_wait(row: sa.Row, keys: Keys, study: str, actor: Actor, now: datetime) -> None:
    with writing("registry") as connection:
        if not _are_two_of_the_site(connection, row):
            _abandon(connection, row, actor, now)
            return
        change_reset(connection, row, "begin_wait", {"ready_at": now + DELAY})
        record(connection, "registry", _event(actor, "reset:wait", row), now=now)


def _are_two_of_the_site(connection: sa.Connection, row: sa.Row) -> bool:
    whose = enrolment_row(connection, row.enrolment)
    able = {
        one.id
        for one in accounts(connection, "registry")
        if one.ended_at is None and one.role in ROLES and whose is not None and one.site == whose.site
    }
    return row.asked_by != row.confirmed_by and {row.asked_by, row.confirmed_by} <= able


def _put_into_place(row: sa.Row, keys: Keys, study: str, actor: Actor, now: datetime) -> None:
    """First the keyring, then the registry: in between neither words read, and the next try finishes."""
    handed_over = compare_digest(reset_code_hash(row.code_given), row.code_hash) and now >= row.ready_at
    if not handed_over or not _wrap_anew(row, keys, study, actor, now):
        with writing("registry") as connection:
            _abandon(connection, row, actor, now)
        return
    new = {name: getattr(row, name) for name in ("salt", "verifier_hash", "reading_public", "consent_public")}
    with writing("registry") as connection:
        change_reset(connection, row, "finish", {"ended_at": now})
        replace_passphrase(connection, row.enrolment, new, now=now)
        remove_passkeys(connection, row.enrolment)
        end_all_sessions(connection, row.enrolment, now=now)
        forget_devices(connection, row.enrolment)
        record(connection, "registry", _event(actor, "reset:complete", row), now=now)


def _wrap_anew(row: sa.Row, keys: Keys, study: str, actor: Actor, now: datetime) -> bool:
    """Seal the participant's copies of their seeds to the new reading key; False when their keys are destroyed."""
    reader, enrolment = ReadingKey(row.reading_public), row.enrolment
    with writing("keyring") as connection:
        lock_seeds(connection)
        held = {one.domain: one for one in custody_seeds(connection, enrolments=[enrolment])}
        if held.keys() != set(DOMAINS):
            return False
        sealed = {
            domain: seal_to_reader(
                opened_seed(one, keys, study=study),
                to=reader,
                about=seed_context(study, enrolment, domain, "participant"),
            )
            for domain, one in held.items()
        }
        put_to_reader(connection, enrolment, sealed, reading_key=reader.id)
        event = AuditEvent(actor, "key:rewrap", "enrolment", str(enrolment), {"seeds": len(sealed)})
        record(connection, "keyring", event, now=now)
    return True


# What is custody's turn, by state.
ACTS: Mapping[str, Callable[[sa.Row, Keys, str, Actor, datetime], None]] = {
    "confirmed": _begin_wait,
    "taken": _put_into_place,
}


def end_running(connection: sa.Connection, enrolment: UUID, *, actor: Actor, now: datetime) -> None:
    """Stop the reset of somebody whose keys are destroyed: there is nothing left that new words could read."""
    row = running_reset(connection, enrolment)
    if row is not None:
        _abandon(connection, row, actor, now)


def _abandon(connection: sa.Connection, row: sa.Row, actor: Actor, now: datetime) -> None:
    try:
        change_reset(connection, row, "abandon", {"ended_at": now, "ended_by": "custody"})
    except Conflict:
        return  # it was stopped by somebody else in the same moment
    record(connection, "registry", _event(actor, "reset:cancel", row), now=now)


def _event(actor: Actor, action: str, row: sa.Row) -> AuditEvent:
    return AuditEvent(actor, action, "reset", str(row.id))
