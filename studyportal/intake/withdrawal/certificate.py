"""Read the paper that custody signed after an erasure, to tell the participant what it says and hand it over.

Nothing is checked here: whoever wants to know whether the signature holds needs custody's public key, not our word.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class Erasure:
    """When the keys were destroyed, from which day on no backup holds them, and the signed paper as JSON."""

    erased_at: datetime
    backups_end_on: date
    paper: str


def erasure(withdrawals: Sequence[sa.Row]) -> Erasure | None:
    """The erasure among a participant's withdrawals, once it is carried through."""
    papers = [row.certificate for row in withdrawals if row.completed_at is not None and row.certificate]
    if not papers:
        return None
    told = json.loads(json.loads(papers[-1])["certificate"])
    return Erasure(datetime.fromisoformat(told["erased_at"]), date.fromisoformat(told["backups_end_on"]), papers[-1])
