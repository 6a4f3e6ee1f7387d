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
    """When the keys were destroyed, from which day on no backup holds them, what else the paper says, and the signed
    paper as JSON."""

    erased_at: datetime
    backups_end_on: date
    destroyed: Sequence[str]
    remains: Sequence[str]
    released: Sequence["Released"]
    paper: str


@dataclass(frozen=True, slots=True)
class Released:
    """A data set with their de-identified answers that was published before, and how many packages were taken out of
    it."""

    snapshot: int
    published_on: date
    packages: int


def erasure(withdrawals: Sequence[sa.Row]) -> Erasure | None:
    """The erasure among a participant's withdrawals, once it is carried through."""
    papers = [row.certificate for row in withdrawals if row.completed_at is not None and row.certificate]
    if not papers:
        return None
    told = json.loads(json.loads(papers[-1])["certificate"])
    return Erasure(
        datetime.fromisoformat(told["erased_at"]),
        date.fromisoformat(told["backups_end_on"]),
        told["destroyed"],
        told["remains"],
        # The first certificates did not say.
        [
            Released(one["snapshot"], date.fromisoformat(one["published_on"]), one["packages"])
            for one in told.get("released", ())
        ],
        papers[-1],
    )
