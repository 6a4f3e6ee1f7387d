"""Who administers: an administrator whose account is live while the change is written, never on their own account.

So somebody always remains who can make accounts: whoever ends the others stays, and two who end each other at the
same moment wait for each other, and the second is refused.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import sqlalchemy as sa

from studyportal.audit import Actor
from studyportal.database import writing
from studyportal.errors import NotAllowed
from studyportal.web.sign_in.tables import SIGN_IN

OVER = "Only an administrator whose account is in use does this. Nothing was changed."
OWN = "This is your own account. Another administrator changes it; your sign-in you look after yourself."


@contextmanager
def administering(administrator: UUID, bind: str, *, on: UUID | None = None) -> Iterator[tuple[sa.Connection, Actor]]:
    """The database `bind`, to be written in one transaction, and who writes; `on` is the account that changes.

    The administrators' accounts are locked meanwhile. Raises `NotAllowed`.
    """
    accounts = SIGN_IN["keyring"].accounts
    live = (accounts.c.role == "administrator") & accounts.c.ended_at.is_(None)
    with writing("keyring") as keyring:
        # All of them, in one order, and not only this one: two who invite or end at once come one after the other.
        found = keyring.scalars(sa.select(accounts.c.id).where(live).order_by(accounts.c.id).with_for_update()).all()
        if administrator not in found:
            raise NotAllowed(OVER)
        if on == administrator:
            raise NotAllowed(OWN)
        actor = Actor("custody", "administrator", str(administrator))
        if bind == "keyring":
            yield keyring, actor
        else:
            with writing(bind) as connection:
                yield connection, actor
