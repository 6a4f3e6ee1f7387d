"""Make an enrolment's pairs in memory, hand their private halves to the keyring, and forget them.

A seed goes out twice: sealed to custody's transport key and, for someone with a passphrase, sealed to their reading
key. Refuses to seal to a transport key that custody has not signed or that has been replaced meanwhile.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import reading, writing
from studyportal.errors import Unavailable
from studyportal.keyring.contexts import seed_context
from studyportal.keyring.seeds import add_wrapped_seeds
from studyportal.keyring.transport_keys import current_transport_key, is_current
from studyportal.sealing import DOMAINS, Pair, PublicKey, ReadingKey, new_pair, seal, seal_to_reader

# A rotation takes moments and happens with an erasure; to meet three in a row means that something is wrong.
_TRIES = 3


class _Replaced(Exception):
    """The transport key changed between sealing and keeping."""


def keep_new_keys(
    enrolment: UUID, *, study: str, reader: ReadingKey | None, custody_public: bytes, actor: Actor, now: datetime
) -> Mapping[str, PublicKey]:
    """Make a pair per domain, keep the wrapped seeds in the keyring, and give the public keys by domain.

    Raises `Unavailable` while custody has published no key, `CannotOpen` when its signature does not hold.
    """
    pairs = {domain: new_pair() for domain in DOMAINS}
    for _ in range(_TRIES):
        try:
            _keep(enrolment, pairs, study=study, reader=reader, custody_public=custody_public, actor=actor, now=now)
            return {domain: pair.public for domain, pair in pairs.items()}
        except _Replaced:
            continue
    raise Unavailable("Keys are being replaced just now. Try again in a minute; your code is still good.")


def _keep(
    enrolment: UUID,
    pairs: Mapping[str, Pair],
    *,
    study: str,
    reader: ReadingKey | None,
    custody_public: bytes,
    actor: Actor,
    now: datetime,
) -> None:
    with reading("keyring") as connection:
        custody = current_transport_key(connection, custody_public=custody_public)
    for_custody = {
        domain: seal(pair.seed, to=custody, about=seed_context(study, enrolment, domain, "custody"))
        for domain, pair in pairs.items()
    }
    for_participant = {
        domain: seal_to_reader(pair.seed, to=reader, about=seed_context(study, enrolment, domain, "participant"))
        for domain, pair in pairs.items()
        if reader
    }
    with writing("keyring", enrolment=enrolment) as connection:
        add_wrapped_seeds(
            connection,
            enrolment,
            for_custody=for_custody,
            transport_key=custody.id,
            for_participant=for_participant,
            reading_key=reader.id if reader else None,
        )
        event = AuditEvent(actor, "keyring:claim", "enrolment", str(enrolment))
        record(connection, "keyring", event, now=now)
        if not is_current(connection, custody.id):
            raise _Replaced
