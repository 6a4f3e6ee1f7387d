"""Find staff accounts. A name is the same whatever its case, spaces or Unicode form."""

import re
import unicodedata
from uuid import UUID

import sqlalchemy as sa

from studyportal.web.sign_in.tables import SIGN_IN


def normalised_name(name: str) -> str:
    """The one form under which a name is kept and looked up."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def same_person(one: str, other: str) -> bool:
    """Whether two names may be of one person: the same words, in any order, case and Unicode form."""
    words = [
        sorted(re.findall(r"\w+", unicodedata.normalize("NFKC", name).casefold())) or [name] for name in (one, other)
    ]
    return words[0] == words[1]


def account_named(connection: sa.Connection, bind: str, name: str) -> sa.Row | None:
    """The live account of this name."""
    if not name.isprintable():  # PostgreSQL takes no NUL, and no account has such a name
        return None
    accounts = SIGN_IN[bind].accounts
    where = (accounts.c.name == normalised_name(name)) & accounts.c.ended_at.is_(None)
    return connection.execute(sa.select(accounts).where(where)).first()


def live_account(connection: sa.Connection, bind: str, account: UUID) -> sa.Row | None:
    """The account of this id, unless it has ended."""
    accounts = SIGN_IN[bind].accounts
    where = (accounts.c.id == account) & accounts.c.ended_at.is_(None)
    return connection.execute(sa.select(accounts).where(where)).first()


def accounts(connection: sa.Connection, bind: str) -> list[sa.Row]:
    """Every account, by name."""
    table = SIGN_IN[bind].accounts
    return list(connection.execute(sa.select(table).order_by(table.c.name)))
