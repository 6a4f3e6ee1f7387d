"""Gather what waits for the custodian: counts only, nothing is opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.database import reading
from studyportal.keyring.publications import publications
from studyportal.outbox.tables import OUTBOX
from studyportal.registry.alert_mails import mail_counts
from studyportal.registry.folding import entry_counts, quarantined
from studyportal.registry.reminding import outcome_counts
from studyportal.registry.withdrawals import withdrawal_counts
from studyportal.workbench.applications import undecided_applications
from studyportal.workbench.reviews import waiting_reviews

A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the overview tells. `failing` is how many pieces of work failed at least once and wait to be tried again;
    `reminders` is how those of the last week ended.
    """

    requests: int
    reviews: int
    withdrawals: int
    quarantined: Mapping[str, int]
    fresh: int
    folded: int
    waiting: int
    failing: int
    last_snapshot: sa.Row | None
    last_folded: datetime | None
    mails: Mapping[str, int]
    reminders: Mapping[str, int]


def standing(*, now: datetime) -> Standing:
    """How things stand now."""
    box, events = OUTBOX["registry"], AUDIT_EVENTS["registry"]
    with reading("registry") as connection:
        counts = entry_counts(connection)
        mails = mail_counts(connection)
        reminders: dict[str, int] = {}
        for (_, outcome), number in outcome_counts(connection, since=now - A_WEEK).items():
            reminders[outcome] = reminders.get(outcome, 0) + number
        aside: dict[str, int] = {}
        for row in quarantined(connection):
            aside[row.reason] = aside.get(row.reason, 0) + 1
        open_withdrawals = sum(n for (_, done), n in withdrawal_counts(connection).items() if not done)
        waiting, failing = connection.execute(
            sa.select(sa.func.count(), sa.func.count(box.c.failure)).where(box.c.done_at.is_(None))
        ).one()
        folded_at = connection.scalar(sa.select(sa.func.max(events.c.at)).where(events.c.action == "block:fold"))
    with reading("keyring") as connection:
        last = next(iter(publications(connection)), None)
    with reading("workbench") as connection:
        requests, reviews = len(undecided_applications(connection)), len(waiting_reviews(connection))
    return Standing(
        requests=requests,
        reviews=reviews,
        withdrawals=open_withdrawals,
        quarantined=aside,
        fresh=counts["fresh"] - sum(aside.values()),
        folded=counts["folded"],
        waiting=waiting,
        failing=failing,
        last_snapshot=last,
        last_folded=folded_at,
        mails=mails,
        reminders=reminders,
    )
