"""Put the wrapped seeds of a new enrolment into the keyring, and take out the participant's own copy."""

from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa

from studyportal.keyring.tables import WRAPPED_SEEDS


def add_wrapped_seeds(
    connection: sa.Connection,
    enrolment: UUID,
    *,
    for_custody: Mapping[str, bytes],
    transport_key: bytes,
    for_participant: Mapping[str, bytes],
    reading_key: bytes | None,
) -> None:
    """Insert an enrolment's seeds by domain: sealed to custody's transport key, and to the participant if they have
    one.

    `transport_key` and `reading_key` are the 8-byte ids of the keys that they are sealed to.
    """
    rows = [
        {
            "enrolment": enrolment,
            "domain": domain,
            "holder": holder,
            "wrapping": wrapping,
            "wrapped_by": by,
            "wrapped": wrapped,
        }
        for holder, wrapping, by, seeds in (
            ("custody", "transport", transport_key, for_custody),
            ("participant", "reader", reading_key, for_participant),
        )
        for domain, wrapped in seeds.items()
    ]
    connection.execute(sa.insert(WRAPPED_SEEDS), rows)


def seed_for_participant(connection: sa.Connection, enrolment: UUID, domain: str) -> bytes | None:
    """One seed as it is sealed to the participant's reading key; None once it is destroyed, or if there never was
    one."""
    seeds = WRAPPED_SEEDS.c
    return connection.scalar(
        sa.select(seeds.wrapped).where(
            seeds.enrolment == enrolment, seeds.domain == domain, seeds.holder == "participant"
        )
    )
