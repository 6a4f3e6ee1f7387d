"""Publish the key that intake seals to, and put fresh seeds under custody's own key-encryption key.

Both sides of a seed stay sealed in the keyring throughout; a seed is open only in this process's memory.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.custody.opening.key_file import Generation, Keys
from studyportal.database import writing
from studyportal.errors import CannotOpen, Unavailable
from studyportal.keyring.contexts import seed_context
from studyportal.keyring.tables import TRANSPORT_KEYS
from studyportal.keyring.transport_keys import LABEL, replace_transport_key
from studyportal.keyring.wrapping import custody_seeds, lock_seeds, put_under_kek
from studyportal.sealing.opening import Opener, unwrap_seed, wrap_seed
from studyportal.sealing.signatures import sign


def publish_transport_key(keys: Keys, *, actor: Actor, now: datetime) -> bool:
    """Put the public half of a fresh key file into the keyring, signed; False when one is there already."""
    with writing("keyring") as connection:
        if connection.execute(sa.select(TRANSPORT_KEYS.c.key_id)).first():
            return False
        announce(connection, keys, keys.generations[0], now=now)
        event = AuditEvent(actor, "key:publish", "transport key", keys.generations[0].transport.public.id.hex())
        record(connection, "keyring", event, now=now)
        return True


def announce(connection: sa.Connection, keys: Keys, generation: Generation, *, now: datetime) -> None:
    """Make a generation's transport key the current one."""
    public = generation.transport.public
    replace_transport_key(connection, public, sign(LABEL, public.raw, key=keys.signing), now=now)


def current_generation(connection: sa.Connection, keys: Keys) -> Generation:
    """The generation that the keyring calls current. Raises `CannotOpen` when the key file does not hold it."""
    found = connection.scalar(sa.select(TRANSPORT_KEYS.c.key_id).where(TRANSPORT_KEYS.c.current))
    if found is None:
        raise Unavailable("Custody has not published its key yet.")
    return keys.generation(found)


def opened_seed(row: sa.Row, keys: Keys, *, study: str) -> bytes:
    """The seed in a row of custody's wrapped seeds, whichever of custody's keys it is under. Raises `CannotOpen`."""
    about = seed_context(study, row.enrolment, row.domain, "custody")
    return OPENERS[row.wrapping](row, keys, about)


# How each wrapping that custody may meet is opened.
OPENERS = {
    "transport": lambda row, keys, about: Opener(keys.transport(row.wrapped_by).seed).unseal(row.wrapped, about=about),
    "kek": lambda row, keys, about: unwrap_seed(row.wrapped, kek=keys.kek(row.wrapped_by), about=about),
}


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """How many seeds are now under the KEK, and how many could not be opened and were left as they are."""

    seeds: int
    left: int


def rewrap(enrolments: Iterable[UUID] | None, *, keys: Keys, study: str, actor: Actor, now: datetime) -> Rewrapped:
    """Put seeds that are still under a transport key under the KEK; `None` means everybody's.

    Raises `CannotOpen` when the key file does not hold the keys that the keyring names; nothing is written then.
    """
    with writing("keyring") as connection:
        # Before anything is read: a rotation in between would leave these seeds under a KEK that it has destroyed.
        lock_seeds(connection)
        kek = current_generation(connection, keys).kek
        rows = custody_seeds(connection, wrapping="transport", enrolments=enrolments)
        openers = {by: Opener(keys.transport(by).seed) for by in {row.wrapped_by for row in rows}}
        changed = []
        for row in rows:
            about = seed_context(study, row.enrolment, row.domain, "custody")
            try:
                seed = openers[row.wrapped_by].unseal(row.wrapped, about=about)
            except CannotOpen:
                continue
            changed.append((row, wrap_seed(seed, kek=kek, about=about)))
        if changed:
            put_under_kek(connection, changed, kek_id=kek.id)
            people = {row.enrolment for row, _ in changed}
            whose = str(next(iter(people))) if len(people) == 1 else "several"
            event = AuditEvent(actor, "key:rewrap", "enrolment", whose, {"seeds": len(changed)})
            record(connection, "keyring", event, now=now)
        return Rewrapped(len(changed), len(rows) - len(changed))
