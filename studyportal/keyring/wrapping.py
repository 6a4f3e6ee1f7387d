"""Read and replace the seeds that custody holds, and destroy those of somebody who leaves."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa

from studyportal.keyring.tables import WRAPPED_SEEDS

_SEEDS = WRAPPED_SEEDS.c
_AT_ONCE = 500  # ids in one statement


def custody_seeds(
    connection: sa.Connection,
    *,
    wrapping: str | None = None,
    domain: str | None = None,
    enrolments: Iterable[UUID] | None = None,
) -> Sequence[sa.Row]:
    """Custody's copies (enrolment, domain, wrapping, wrapped_by, wrapped), narrowed by whatever is given."""
    query = sa.select(WRAPPED_SEEDS).where(_SEEDS.holder == "custody")
    if wrapping is not None:
        query = query.where(_SEEDS.wrapping == wrapping)
    if domain is not None:
        query = query.where(_SEEDS.domain == domain)
    if enrolments is None:
        return connection.execute(query).all()
    wanted = list(enrolments)
    found: list[sa.Row] = []
    for start in range(0, len(wanted), _AT_ONCE):
        found += connection.execute(query.where(_SEEDS.enrolment.in_(wanted[start : start + _AT_ONCE])))
    return found


def put_under_kek(connection: sa.Connection, seeds: Iterable[tuple[sa.Row, bytes]], *, kek_id: bytes) -> None:
    """Replace custody's copies by the given ones, which are wrapped by the KEK of this id (8 bytes)."""
    statement = (
        sa.update(WRAPPED_SEEDS)
        .where(
            _SEEDS.enrolment == sa.bindparam("whose"),
            _SEEDS.domain == sa.bindparam("which"),
            _SEEDS.holder == "custody",
        )
        .values(wrapping="kek", wrapped_by=kek_id, wrapped=sa.bindparam("new"))
    )
    rows = [{"whose": row.enrolment, "which": row.domain, "new": wrapped} for row, wrapped in seeds]
    if rows:
        connection.execute(statement, rows)


def put_to_reader(
    connection: sa.Connection, enrolment: UUID, seeds: Mapping[str, bytes], *, reading_key: bytes
) -> None:
    """Replace a participant's own copies by the given ones (by domain), sealed to the reading key of this id (8 bytes).

    Replaced only: whoever has none, or none any more, gets none.
    """
    for domain, sealed in seeds.items():
        own = (_SEEDS.enrolment == enrolment, _SEEDS.domain == domain, _SEEDS.holder == "participant")
        connection.execute(sa.update(WRAPPED_SEEDS).where(*own).values(wrapped_by=reading_key, wrapped=sealed))


def lock_seeds(connection: sa.Connection) -> None:
    """Let nobody add or change a seed until this transaction ends; in SQLite a writer is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("LOCK TABLE wrapped_seeds IN SHARE ROW EXCLUSIVE MODE"))


def destroy_seeds(connection: sa.Connection, enrolment: UUID) -> int:
    """Delete every copy of every seed of an enrolment, custody's and the participant's; how many there were."""
    return connection.execute(sa.delete(WRAPPED_SEEDS).where(_SEEDS.enrolment == enrolment)).rowcount


def wrapping_counts(connection: sa.Connection) -> Mapping[tuple[str, bytes], int]:
    """How many of custody's seeds are under which key: (wrapping, key id) -> number."""
    counted = (
        sa.select(_SEEDS.wrapping, _SEEDS.wrapped_by, sa.func.count())
        .where(_SEEDS.holder == "custody")
        .group_by(_SEEDS.wrapping, _SEEDS.wrapped_by)
    )
    return {(wrapping, by): count for wrapping, by, count in connection.execute(counted)}
