"""Who decides, and on whom: a custodian whose account is live while the decision is written, never on themselves.

Custody's accounts and researchers' accounts stand in two databases. One person may have one in each, so their names are
compared, whatever their case, order and punctuation.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from studyportal.audit import Actor
from studyportal.database import writing
from studyportal.errors import NotAllowed
from studyportal.web.sign_in.accounts import same_person
from studyportal.web.sign_in.tables import SIGN_IN

OWN = "You cannot decide on your own request; an account of your name asked for it. Another custodian decides."
OVER = "Only a data custodian whose account is in use decides. Nothing was changed."


@dataclass(frozen=True, slots=True)
class Custodian:
    """Who decides: their account and the name that others are told."""

    id: UUID
    name: str

    @property
    def actor(self) -> Actor:
        return Actor("custody", "custodian", str(self.id))


@contextmanager
def deciding(account: UUID, *, bind: str = "workbench") -> Iterator[tuple[sa.Connection, Custodian]]:
    """The workbench (or the registry), to be written in one transaction, and who writes.

    Their account is locked meanwhile, so that nobody decides whose role ended a moment ago. Raises `NotAllowed`.
    """
    accounts = SIGN_IN["keyring"].accounts
    live = (accounts.c.id == account) & (accounts.c.role == "custodian") & accounts.c.ended_at.is_(None)
    with writing("keyring") as keyring:
        row = keyring.execute(sa.select(accounts).where(live).with_for_update(read=True)).first()
        if row is None:
            raise NotAllowed(OVER)
        with writing(bind) as connection:
            yield connection, Custodian(row.id, row.shown_name)


def check_another(connection: sa.Connection, custodian: Custodian, researcher: UUID) -> None:
    """Raise `NotAllowed` if the researcher is the custodian."""
    accounts = SIGN_IN["workbench"].accounts
    name = connection.execute(sa.select(accounts.c.name).where(accounts.c.id == researcher)).scalar()
    if researcher == custodian.id or (name is not None and same_person(name, custodian.name)):
        raise NotAllowed(OWN)
