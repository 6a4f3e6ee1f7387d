"""The clinics that enrol."""

from datetime import datetime

import sqlalchemy as sa

from studyportal.database import insert_once
from studyportal.registry.tables import SITES


def add_site(connection: sa.Connection, site: str, *, name: str, now: datetime) -> bool:
    """Keep a site; False if there is one of this id."""
    return insert_once(connection, SITES, {"id": site, "name": name, "created_at": now}, key=["id"])


def rename_site(connection: sa.Connection, site: str, *, name: str) -> bool:
    """Call a site something else; False if there is none of this id."""
    return connection.execute(sa.update(SITES).where(SITES.c.id == site).values(name=name)).rowcount == 1


def sites(connection: sa.Connection) -> list[sa.Row]:
    """Every site with its mail, by id."""
    return list(connection.execute(sa.select(SITES).order_by(SITES.c.id)))


def is_site(connection: sa.Connection, site: str) -> bool:
    """Whether there is a site of this id."""
    return connection.execute(sa.select(SITES.c.id).where(SITES.c.id == site)).first() is not None
