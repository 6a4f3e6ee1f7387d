"""Set what each room's role may do in a PostgreSQL database, as deploy/postgresql/grants.sql says and no more."""

import re

import sqlalchemy as sa

from studyportal.database import bind_config
from studyportal.errors import Unsafe
from studyportal.portal.migrating import ROOT

FILE = ROOT / "deploy" / "postgresql" / "grants.sql"


def grants(bind: str) -> tuple[str, ...]:
    """The statements of the file for one database, in order."""
    try:
        text = FILE.read_text(encoding="utf-8")
    except OSError:
        raise Unsafe("deploy/postgresql/grants.sql is not beside the package.") from None
    parts = dict(re.findall(r"^\\connect studyportal_(\w+)$(.*?)(?=^\\connect|\Z)", text, re.MULTILINE | re.DOTALL))
    statements = re.sub(r"--.*", "", parts[bind]).split(";")
    return tuple(" ".join(statement.split()) for statement in statements if statement.strip())


def apply_grants(bind: str, url: str) -> None:
    """Run them as the owner of the tables, all or none."""
    options = bind_config(url)
    engine = sa.create_engine(options.pop("url"), poolclass=sa.NullPool, **options)
    with engine.begin() as connection:
        for statement in grants(bind):
            connection.exec_driver_sql(statement)
