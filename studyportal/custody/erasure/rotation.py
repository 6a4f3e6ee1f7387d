"""Destroy one enrolment's keys and replace every key that its seeds were ever under. Nothing else is lost.

In three steps, so that a crash between any two is mended by doing it again: the new generation joins the old in the
key file; one keyring transaction destroys the seeds, wraps all others anew and makes the new transport key current;
the old generation leaves the key file. After that, copies of the keyring from before open nothing any more.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.custody.erasure.certificate import LABEL, ReleasedBefore, certificate
from studyportal.custody.opening.entries import HELD
from studyportal.custody.opening.key_file import Generation, Keys, load_keys, only_changer, replace_generations
from studyportal.custody.opening.transport import announce, current_generation, opened_seed
from studyportal.database import reading, writing
from studyportal.errors import CannotOpen
from studyportal.keyring.contexts import seed_context
from studyportal.keyring.publications import put_tombstone, tombstone
from studyportal.keyring.subjects import cut_link
from studyportal.keyring.wrapping import custody_seeds, destroy_seeds, lock_seeds, put_under_kek
from studyportal.sealing.opening import wrap_seed
from studyportal.sealing.signatures import sign


def destroy_keys(
    enrolment: UUID,
    *,
    key_file: Path,
    study: str,
    released: Sequence[ReleasedBefore] = (),
    actor: Actor,
    now: datetime,
) -> sa.Row:
    """Make an enrolment unreadable for ever; its tombstone (enrolment, erased_at, certificate, signature). `released`
    is what the certificate says had been published before.

    Called again, as after a crash, it makes sure that the old keys are gone and dates the certificate anew: it must
    not be older than what it says. Raises `CannotOpen` when the key file lacks a key that any seed is under: then
    nothing is destroyed.
    """
    with only_changer(key_file):
        keys = settle(key_file, study=study)
        with reading("keyring") as connection:
            done = tombstone(connection, enrolment)
        if done is not None:
            with writing("keyring") as connection:
                _bury(connection, enrolment, keys, study=study, released=released, now=now)
                return tombstone(connection, enrolment)
        keys = _with_following(key_file, keys)
        with writing("keyring") as connection:
            lock_seeds(connection)
            seeds = destroy_seeds(connection, enrolment)
            index = cut_link(connection, enrolment)
            _turn(connection, keys, study=study, actor=actor, now=now)
            _bury(connection, enrolment, keys, study=study, released=released, now=now)
            whose = {"seeds": seeds, "was_subject": "no" if index is None else "yes"}
            record(
                connection, "keyring", AuditEvent(actor, "enrolment:erase", "enrolment", str(enrolment), whose), now=now
            )
        settle(key_file, study=study)
        with reading("keyring") as connection:
            return tombstone(connection, enrolment)


def rotate(*, key_file: Path, study: str, actor: Actor, now: datetime) -> bytes:
    """Replace the KEK and the transport pair, as an erasure does, without erasing anybody; the new transport key's id.

    For when somebody who could read the key file has left, or it may have been seen. Raises `CannotOpen` as above.
    """
    with only_changer(key_file):
        keys = _with_following(key_file, settle(key_file, study=study))
        with writing("keyring") as connection:
            lock_seeds(connection)
            _turn(connection, keys, study=study, actor=actor, now=now)
        settle(key_file, study=study)
        return keys.generations[-1].transport.public.id


def _with_following(key_file: Path, keys: Keys) -> Keys:
    """The keys with a generation that is not in use yet; one that an interrupted rotation left is used."""
    with reading("keyring") as connection:
        in_use = current_generation(connection, keys)
    if in_use is not keys.generations[-1]:
        return keys
    return replace_generations(key_file, keys, (*keys.generations, Generation.new()))


def _turn(connection: sa.Connection, keys: Keys, *, study: str, actor: Actor, now: datetime) -> None:
    following = keys.generations[-1]
    left = _wrap_all(connection, keys, following, study=study)
    announce(connection, keys, following, now=now)
    turned = {"damaged_seeds": left}
    event = AuditEvent(actor, "key:rotate", "transport key", following.transport.public.id.hex(), turned)
    record(connection, "keyring", event, now=now)


def _bury(
    connection: sa.Connection,
    enrolment: UUID,
    keys: Keys,
    *,
    study: str,
    released: Sequence[ReleasedBefore],
    now: datetime,
) -> None:
    paper = certificate(study, enrolment, erased_at=now, released=released)
    signature = sign(LABEL, paper.encode(), key=keys.signing)
    put_tombstone(connection, enrolment, erased_at=now, certificate=paper, signature=signature)


def settle(key_file: Path, *, study: str) -> Keys:
    """Finish what an interrupted rotation left: drop the generations before the current one.

    A newer one that never came into use stays for the next rotation. An older one under which a seed still opens
    stays as well: better a key too many than a person lost.
    """
    keys = load_keys(key_file)
    if len(keys.generations) == 1:
        return keys
    with reading("keyring") as connection:
        current = current_generation(connection, keys)
        seeds = custody_seeds(connection)
    place = keys.generations.index(current)
    names = {name for one in keys.generations[:place] for name in (one.kek.id, one.transport.public.id)}
    if not names or any(row.wrapped_by in names and _opens(row, keys, study) for row in seeds):
        return keys
    return replace_generations(key_file, keys, keys.generations[place:])


def _opens(row: sa.Row, keys: Keys, study: str) -> bool:
    try:
        return bool(opened_seed(row, keys, study=study))
    except CannotOpen:
        return False


def _wrap_all(connection: sa.Connection, keys: Keys, generation: Generation, *, study: str) -> int:
    """Put every seed under the new KEK. How many are damaged and stay as they are, open to nobody."""
    changed, damaged = [], 0
    for row in custody_seeds(connection):
        # A key that the file does not hold means a wrong key file, not a damaged seed: then nothing may be dropped.
        HELD[row.wrapping](keys, row.wrapped_by)
        about = seed_context(study, row.enrolment, row.domain, "custody")
        try:
            seed = opened_seed(row, keys, study=study)
        except CannotOpen:
            damaged += 1
            continue
        changed.append((row, wrap_seed(seed, kek=generation.kek, about=about)))
    put_under_kek(connection, changed, kek_id=generation.kek.id)
    return damaged
