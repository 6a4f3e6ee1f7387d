"""Keep the second factors of staff: authenticator apps and passkeys.

A code and a signature are each good once, also when two of the same come at the same time: the row says what was used
last, and only an update that finds it unused counts.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa

from studyportal.sealing import Context
from studyportal.sealing.room_secrets import open_for_room, seal_for_room
from studyportal.web.sign_in import totp
from studyportal.web.sign_in.passkeys import Answer, NewPasskey, Party, uses_after
from studyportal.web.sign_in.tables import SIGN_IN

KINDS = {"totp": "Authenticator app", "passkey": "Passkey"}


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose passkey signed, and which of theirs it was."""

    account: UUID
    passkey: UUID


def factors_of(connection: sa.Connection, bind: str, account: UUID) -> list[sa.Row]:
    """The factors of an account, the oldest first."""
    table = SIGN_IN[bind].factors
    statement = sa.select(table).where(table.c.account == account).order_by(table.c.added_at, table.c.id)
    return list(connection.execute(statement))


def add_app(
    connection: sa.Connection,
    bind: str,
    account: UUID,
    *,
    secret: str,
    name: str = "",
    used_step: int | None = None,
    room_key: str,
    now: datetime,
) -> UUID:
    """Keep an authenticator app; its id. `used_step` is the step whose code proved it, and is not taken again."""
    id = uuid4()
    sealed = seal_for_room(secret.encode(), room_key=room_key, about=_about(bind, account, id))
    row = _row(id, account, "totp", name, now) | {"sealed_secret": sealed, "last_step": used_step}
    connection.execute(sa.insert(SIGN_IN[bind].factors), row)
    return id


def add_passkey(
    connection: sa.Connection, bind: str, account: UUID, *, passkey: NewPasskey, name: str = "", now: datetime
) -> UUID:
    """Keep a passkey; its id."""
    id = uuid4()
    made = {"credential": passkey.credential, "public_key": passkey.public_key, "uses": passkey.uses}
    connection.execute(sa.insert(SIGN_IN[bind].factors), _row(id, account, "passkey", name, now) | made)
    return id


def _row(id: UUID, account: UUID, kind: str, name: str, now: datetime) -> dict[str, object]:
    return {"id": id, "account": account, "kind": kind, "name": name or KINDS[kind], "added_at": now}


def is_known(connection: sa.Connection, bind: str, credential: bytes) -> bool:
    """Whether a passkey of this id is kept, whoever's."""
    table = SIGN_IN[bind].factors
    return connection.execute(sa.select(table.c.id).where(table.c.credential == credential)).first() is not None


def take_digits(
    connection: sa.Connection, bind: str, account: UUID, digits: str, *, room_key: str, now: datetime
) -> bool:
    """Use a code of an authenticator app up; True for a present one that is newer than every one taken before."""
    table = SIGN_IN[bind].factors
    for row in factors_of(connection, bind, account):
        if row.kind != "totp":
            continue
        step = totp.step_of(secret_of(row, bind, room_key=room_key), digits, now=now)
        if step is None:
            continue
        unused = sa.or_(table.c.last_step.is_(None), table.c.last_step < step)
        statement = sa.update(table).where(table.c.id == row.id, unused).values(last_step=step, used_at=now)
        if connection.execute(statement).rowcount == 1:
            return True
    return False


def take_signature(
    connection: sa.Connection, bind: str, answer: Answer, *, challenge: bytes, party: Party, now: datetime
) -> Signer | None:
    """Whose passkey gave this answer to `challenge`, or None. The caller uses the challenge up."""
    table = SIGN_IN[bind].factors
    row = connection.execute(sa.select(table).where(table.c.credential == answer.credential)).first()
    if row is None or answer.handle not in (None, row.account):
        return None
    uses = uses_after(answer, challenge=challenge, party=party, public_key=row.public_key, uses=row.uses)
    if uses is None:
        return None
    unchanged = (table.c.id == row.id) & (table.c.uses == row.uses)
    statement = sa.update(table).where(unchanged).values(uses=uses, used_at=now)
    return Signer(row.account, row.id) if connection.execute(statement).rowcount == 1 else None


def secret_of(row: sa.Row, bind: str, *, room_key: str) -> str:
    """What an authenticator app shares with us. Raises `CannotOpen` if the room has another secret key by now."""
    return open_for_room(row.sealed_secret, room_key=room_key, about=_about(bind, row.account, row.id)).decode()


def present_code(connection: sa.Connection, bind: str, account: UUID, *, room_key: str, now: datetime) -> str | None:
    """The next unused code of an account's app: for a demonstration, whose people hold no telephone."""
    step = totp.step_at(now)
    for row in factors_of(connection, bind, account):
        if row.kind == "totp" and (unused := max(step, (row.last_step or 0) + 1)) <= step + 1:
            return totp.code_of(secret_of(row, bind, room_key=room_key), unused)
    return None


def rename(connection: sa.Connection, bind: str, factor: UUID, name: str, *, account: UUID) -> bool:
    """Call a factor of this account something else."""
    table = SIGN_IN[bind].factors
    mine = (table.c.id == factor) & (table.c.account == account)
    return connection.execute(sa.update(table).where(mine).values(name=name)).rowcount == 1


def remove(connection: sa.Connection, bind: str, factor: UUID, *, account: UUID) -> bool:
    """Take a factor of this account away."""
    table = SIGN_IN[bind].factors
    return connection.execute(sa.delete(table).where(table.c.id == factor, table.c.account == account)).rowcount == 1


def remove_all(connection: sa.Connection, bind: str, account: UUID) -> None:
    """Take every factor of an account away, because new ones follow."""
    table = SIGN_IN[bind].factors
    connection.execute(sa.delete(table).where(table.c.account == account))


def _about(bind: str, account: UUID, factor: UUID) -> Context:
    return Context(bind, str(account), "totp", str(factor))
