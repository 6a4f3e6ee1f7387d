"""Make a site and name it: one transaction and one audit event each. Whom it wants mailed stands in `delivery`."""

from datetime import datetime

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import writing
from studyportal.errors import Conflict, Invalid, NotFound
from studyportal.registry.sites import add_site, rename_site

LONGEST = 120  # as the column says
UNFIT_ID = "A site's id is two to four capital letters, such as NS."


def make_site(id: str, name: str, *, actor: Actor, now: datetime) -> None:
    """Make a site; the codes of its participants begin with `id`. Raises `Invalid`, or `Conflict` for a taken id."""
    if not (2 <= len(id) <= 4 and id.isascii() and id.isalpha() and id.isupper()):
        raise Invalid(UNFIT_ID, {"code": UNFIT_ID})
    name = _fit(name)
    with writing("registry") as connection:
        if not add_site(connection, id, name=name, now=now):
            raise Conflict(f"There is a site {id} already.")
        record(connection, "registry", AuditEvent(actor, "site:create", "site", id), now=now)


def rename(id: str, name: str, *, actor: Actor, now: datetime) -> None:
    """Call a site something else; its id stays, because codes begin with it. Raises `Invalid`, `NotFound`."""
    name = _fit(name)
    with writing("registry") as connection:
        if not rename_site(connection, id, name=name):
            raise NotFound("There is no such site.")
        record(connection, "registry", AuditEvent(actor, "site:rename", "site", id), now=now)


def _fit(name: str) -> str:
    kept = " ".join(name.split())
    if not 1 <= len(kept) <= LONGEST or not kept.isprintable():
        sentence = f"A site's name has 1 to {LONGEST} characters, none of which is invisible."
        raise Invalid(sentence, {"name": sentence})
    return kept
