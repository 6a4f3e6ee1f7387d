"""Carry one withdrawal through, by its strength. Handed over by the outbox, so it may come more than once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.custody.erasure.certificate import handed_over
from studyportal.custody.erasure.released import released_before
from studyportal.custody.erasure.rotation import destroy_keys
from studyportal.custody.opening.key_file import load_keys
from studyportal.custody.publishing.forgetting import forget_erased
from studyportal.custody.publishing.sharing import renew_withdrawals
from studyportal.custody.resets.actions import end_running
from studyportal.database import forget, reading, writing
from studyportal.protocol import Protocol
from studyportal.registry.alerts import bury_alerts, has_open_alert
from studyportal.registry.consent_copies import erase_copies
from studyportal.registry.folding import erase_entries
from studyportal.registry.messages import erase_messages
from studyportal.registry.passkeys import remove_passkeys
from studyportal.registry.pauses import erase_pauses
from studyportal.registry.reminders import forget_reminders
from studyportal.registry.sessions import end_all_sessions
from studyportal.registry.withdrawals import complete_withdrawal, withdrawal


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What carrying through needs."""

    key_file: Path
    shelf: Path
    protocol: Protocol
    actor: Actor
    now: datetime


def carry_through(identifier: UUID, means: Means) -> None:
    """Do what a withdrawal asks for and write down that it is done. Raises `NotFound` for an unknown one."""
    with reading("registry") as connection:
        asked = withdrawal(connection, identifier)
    if asked.completed_at is None:
        STRENGTHS[asked.strength](asked, means)


def _stop(asked: sa.Row, means: Means) -> None:
    """Intake takes no more from them; what they gave before stays."""
    _complete(asked, means, certificate=None)


def _remove(asked: sa.Row, means: Means) -> None:
    """They are left out of every snapshot, the published ones at once."""
    _renew(means)
    _complete(asked, means, certificate=None)


def _erase(asked: sa.Row, means: Means) -> None:
    """First nobody can read them, then nobody sees them, then what is left of them goes, from the shelf as well. While
    it waits for the clinic to close an alert, nothing: the clinic's act, the participant's or the last moment asks
    again."""
    if asked.waits_until is not None and asked.waits_until > means.now and _has_open_alert(asked.enrolment):
        return
    keys = load_keys(means.key_file)
    released = released_before(asked.enrolment, shelf=means.shelf, keys=keys, protocol=means.protocol, now=means.now)
    tombstone = destroy_keys(
        asked.enrolment,
        key_file=means.key_file,
        study=means.protocol.study.code,
        released=released,
        actor=means.actor,
        now=means.now,
    )
    forget("keyring")  # the log of changes still had the seeds, one of them sealed to the participant's own words
    _renew(means)
    forget_erased(
        means.shelf, keys=load_keys(means.key_file), protocol=means.protocol, actor=means.actor, now=means.now
    )
    with writing("registry") as connection:
        bury_alerts(connection, asked.enrolment, hands_over=asked.hands_over, now=means.now)
        erase_entries(connection, asked.enrolment)
        erase_messages(connection, asked.enrolment)
        erase_copies(connection, asked.enrolment)
        erase_pauses(connection, asked.enrolment)
        forget_reminders(connection, asked.enrolment)
        end_running(connection, asked.enrolment, actor=means.actor, now=means.now)
        remove_passkeys(connection, asked.enrolment)
        end_all_sessions(connection, asked.enrolment, now=means.now)
        paper = handed_over(tombstone.certificate, tombstone.signature)
        _write_done(connection, asked, means, certificate=paper)


# What each strength of the protocol (and of the table's check) means here.
STRENGTHS: Mapping[str, Callable[[sa.Row, Means], None]] = {"stop": _stop, "remove": _remove, "erase": _erase}


def _has_open_alert(enrolment: UUID) -> bool:
    with reading("registry") as connection:
        return has_open_alert(connection, enrolment)


def _renew(means: Means) -> None:
    renew_withdrawals(means.shelf, keys=load_keys(means.key_file), protocol=means.protocol, now=means.now)


def _complete(asked: sa.Row, means: Means, *, certificate: str | None) -> None:
    with writing("registry") as connection:
        _write_done(connection, asked, means, certificate=certificate)


def _write_done(connection: sa.Connection, asked: sa.Row, means: Means, *, certificate: str | None) -> None:
    if asked.scope in means.protocol.consent.required:
        # Nothing is asked of them any more, so nothing need lead to them.
        forget_reminders(connection, asked.enrolment)
    if complete_withdrawal(connection, asked.id, certificate=certificate, now=means.now):
        event = AuditEvent(
            means.actor, "withdrawal:complete", "withdrawal", str(asked.id), {"strength": asked.strength}
        )
        record(connection, "registry", event, now=means.now)
