"""Give out codes and links of one site. Each is a secret that its maker is shown once; the registry keeps a hash."""

from datetime import datetime
from uuid import UUID

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import writing
from studyportal.errors import Conflict, Invalid, NotFound
from studyportal.registry.campaigns import add_campaign, campaign_state, campaigns_of, close_campaign
from studyportal.registry.codes import Chance, new_enrolment_code
from studyportal.registry.issuing import add_codes, unfit_wish

MOST_CODES = 50  # five pages of cards
MOST_PLACES = 1000
LONGEST_NAME = 80


def issue_codes(
    site: str, count: int, *, expires_at: datetime, rng: Chance, actor: Actor, now: datetime
) -> tuple[str, ...]:
    """Fresh codes of this site in their printed form; nobody can show them again.

    Raises `Invalid` for a number outside 1 to 50, or an expiry that is not within the next year.
    """
    if problems := unfit_wish(count, expires_at, most=MOST_CODES, now=now):
        raise Invalid("No codes were issued.", problems)
    codes = tuple(new_enrolment_code(rng) for _ in range(count))
    with writing("registry", site=site) as connection:
        add_codes(connection, codes, site=site, issued_by=actor.id, expires_at=expires_at, now=now)
        record(connection, "registry", AuditEvent(actor, "code:issue", "site", site, {"codes": count}), now=now)
    return codes


def open_campaign(
    id: UUID, token: str, *, site: str, name: str, cap: int, ends_at: datetime, actor: Actor, now: datetime
) -> None:
    """Let `cap` people join this site by one link until it ends.

    Raises `Invalid` without a name, for a number of places outside 1 to 1,000, or an end that is not within a year.
    """
    problems = {
        {"count": "cap", "expires_on": "ends_on"}[field]: sentence
        for field, sentence in unfit_wish(cap, ends_at, most=MOST_PLACES, now=now).items()
    }
    if "cap" in problems:
        problems["cap"] = f"Give 1 to {MOST_PLACES:,} places."
    if not name.strip() or len(name) > LONGEST_NAME:
        problems["name"] = f"Give it a name of at most {LONGEST_NAME} characters, for your own list."
    if problems:
        raise Invalid("No link was made.", problems)
    with writing("registry", site=site) as connection:
        add_campaign(
            connection, id, token, site=site, name=name.strip(), cap=cap, ends_at=ends_at, opened_by=actor.id, now=now
        )
        record(
            connection, "registry", AuditEvent(actor, "campaign:open", "campaign", str(id), {"places": cap}), now=now
        )


def end_campaign(id: UUID, *, site: str, actor: Actor, now: datetime) -> None:
    """Close a link at once; who has signed stays. Raises `NotFound` also for another site's, `Conflict` if it is
    closed."""
    with writing("registry", site=site) as connection:
        if close_campaign(connection, site, id, by=actor.id, now=now):
            record(connection, "registry", AuditEvent(actor, "campaign:close", "campaign", str(id)), now=now)
            return
        known = [row for row in campaigns_of(connection, site) if row.id == id]
    if not known:
        raise NotFound("There is no such link.")
    assert campaign_state(known[0], now=now) == "closed", "an update that changes nothing met a closed link"
    raise Conflict("This link is closed already.")
