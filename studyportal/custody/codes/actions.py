"""Issue enrolment codes for a site."""

from datetime import datetime

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import writing
from studyportal.errors import Invalid
from studyportal.registry.codes import Chance, new_enrolment_code
from studyportal.registry.issuing import add_codes, unfit_wish
from studyportal.registry.sites import is_site

MOST = 500


def issue_codes(
    site: str, count: int, *, expires_at: datetime, rng: Chance, actor: Actor, now: datetime
) -> tuple[str, ...]:
    """Fresh codes in their printed form, `count` of them; nobody can show them again.

    Raises `Invalid` for an unknown site, a number outside 1 to 500, or an expiry that is not within the next year.
    """
    problems = dict(unfit_wish(count, expires_at, most=MOST, now=now))
    codes = tuple(new_enrolment_code(rng) for _ in range(count if not problems else 0))
    with writing("registry") as connection:
        if not is_site(connection, site):
            problems["site"] = "There is no such site."
        if problems:
            raise Invalid("No codes were issued.", problems)
        add_codes(connection, codes, site=site, issued_by=actor.id, expires_at=expires_at, now=now)
        record(connection, "registry", AuditEvent(actor, "code:issue", "site", site, {"codes": count}), now=now)
    return codes
