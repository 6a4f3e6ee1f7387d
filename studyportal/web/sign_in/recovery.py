"""Recovery codes: for the day on which the telephone is gone. Ten, shown once, each good for one sign-in.

80 random bits each (NIST SP 800-63B-4, 3.1.2.2 asks for 20), so the keyed hash need not be slow.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal.web.sign_in.tables import SIGN_IN

HOW_MANY = 10
# Crockford's base 32: nothing that is mistaken for something else, in either case.
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_READ_AS = str.maketrans("oil", "011")
_LENGTH, _GROUP = 16, 4


def new_codes(count: int = HOW_MANY) -> tuple[str, ...]:
    """Fresh codes, as a person copies them: "x7k2-…"."""
    return tuple(_grouped("".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))) for _ in range(count))


def _grouped(code: str) -> str:
    return "-".join(code[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))


def read_code(typed: str) -> str | None:
    """The one form of a typed code, or None if it cannot be one."""
    form = re.sub(r"[\s-]", "", typed).lower().translate(_READ_AS)
    return form if len(form) == _LENGTH and not set(form) - set(_LETTERS) else None


def replace_codes(
    connection: sa.Connection, bind: str, account: UUID, codes: Iterable[str], *, room_key: str, now: datetime
) -> None:
    """Keep these codes of an account, as hashes; the former ones are gone."""
    table = SIGN_IN[bind].recovery_codes
    connection.execute(sa.delete(table).where(table.c.account == account))
    rows = [
        {"code_hash": _hash(read_code(code) or "", account, room_key), "account": account, "made_at": now}
        for code in codes
    ]
    connection.execute(sa.insert(table), rows)


def take_code(connection: sa.Connection, bind: str, account: UUID, code: str, *, room_key: str, now: datetime) -> bool:
    """Use a code (as `read_code` gives it) up; True for one of this account's that was not used before."""
    table = SIGN_IN[bind].recovery_codes
    mine = (table.c.code_hash == _hash(code, account, room_key)) & (table.c.account == account)
    statement = sa.update(table).where(mine, table.c.used_at.is_(None)).values(used_at=now)
    return connection.execute(statement).rowcount == 1


def codes_left(connection: sa.Connection, bind: str, account: UUID) -> int:
    """How many codes an account has not used yet."""
    table = SIGN_IN[bind].recovery_codes
    where = (table.c.account == account) & table.c.used_at.is_(None)
    return connection.execute(sa.select(sa.func.count()).select_from(table).where(where)).scalar_one()


def _hash(code: str, account: UUID, room_key: str) -> bytes:
    return hmac.digest(room_key.encode(), b"recovery code " + account.bytes + code.encode(), hashlib.sha256)
