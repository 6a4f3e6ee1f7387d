"""What a custodian does to an approval that exists: suspend, resume, renew, end. Each holds from the next request on,
and stops what is being made under it before anything of it leaves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

import msgspec

from studyportal.audit import AuditEvent, record
from studyportal.custody.approvals.actions import checked_reason
from studyportal.custody.approvals.deciding import check_another, deciding
from studyportal.custody.approvals.terms import check_expiry
from studyportal.custody.opening.key_file import Keys
from studyportal.errors import Conflict
from studyportal.sealing.signatures import sign
from studyportal.workbench.agreements import CURRENT, agreement
from studyportal.workbench.grants import (
    LABEL,
    add_event,
    encode,
    end_grant,
    find_grant,
    opened,
    renew_grant,
    resume_grant,
    standing_of,
    suspend_grant,
)


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that can be done: to grants that stand so, in which words, whether one may do it to one's own, and
    whether it shuts the project."""

    verb: str
    to: frozenset[str]
    says: str
    own: bool
    shuts: bool = False


# What may be done when; tests see that each has its function, its form and its page.
ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "suspend": Act(
            "Suspend", frozenset({"running"}), "Nothing of the project opens until you resume it.", own=True, shuts=True
        ),
        "resume": Act("Resume", frozenset({"suspended"}), "The project opens again, until the same day.", own=False),
        "renew": Act(
            "Renew",
            frozenset({"running", "suspended", "expired"}),
            "You sign the approval anew, with the same questions and level, until another day.",
            own=False,
        ),
        "end": Act(
            "End",
            frozenset({"running", "suspended", "expired"}),
            "The project closes for good. To work on, the researcher asks again and waits for a decision.",
            own=True,
            shuts=True,
        ),
    }
)


def change(
    grant: UUID,
    act: str,
    *,
    reason: str,
    expires_at: datetime | None,
    custodian: UUID,
    keys: Keys,
    now: datetime,
) -> str:
    """Do `act` (of ACTS) to a grant; its project. `reason` is shown to the researcher, `expires_at` is for a renewal.

    Raises `Invalid`, `NotFound`, `NotAllowed` for one's own or an ended role, `Conflict` if the grant does not stand
    so.
    """
    reason = checked_reason(reason)
    if act == "renew":
        assert expires_at is not None
        check_expiry(expires_at, now=now)
    with deciding(custodian) as (connection, who):
        row = find_grant(connection, grant)
        if not ACTS[act].own:
            check_another(connection, who, row.account)
        if standing_of(row, now=now) not in ACTS[act].to:
            raise Conflict(f"This approval is {standing_of(row, now=now)}. Nothing was changed.")
        paper: dict[str, object] = {}
        if act == "renew":
            paper = _renew(connection, row, expires_at, keys=keys)
        else:
            _BARE[act](connection, grant, now=now)
        add_event(connection, row.project, act, by=who.id, by_name=who.name, reason=reason, now=now, **paper)
        detail = {"until": f"{expires_at:%Y-%m-%d}"} if act == "renew" else {}
        record(connection, "workbench", AuditEvent(who.actor, f"grant:{act}", "project", row.project, detail), now=now)
    return row.project


_BARE = {"suspend": suspend_grant, "resume": resume_grant, "end": end_grant}


def _renew(connection, row, expires_at, *, keys: Keys) -> dict[str, object]:  # type: ignore[no-untyped-def]
    """A new document in the place of the old; under a newer agreement, the researcher signs again."""
    old, found = opened(row), agreement(CURRENT)
    if not old.items:
        raise Conflict("This approval is of an older form and names no questions. Let the researcher ask again.")
    document = msgspec.structs.replace(
        old, expires_at=expires_at, agreement=found.version, agreement_sha256=found.sha256.hex()
    )
    signature = sign(LABEL, encode(document).encode(), key=keys.signing)
    renew_grant(connection, row.document, document, signature)
    return {"document": encode(document), "signature": signature}
