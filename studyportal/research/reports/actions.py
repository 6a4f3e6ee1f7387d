"""Ask for a report, make it in the background, hand it out. The approval is looked at each time, and last in the very
transaction that keeps the paper: one that ended meanwhile leaves nothing behind."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal import outbox
from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import reading, writing
from studyportal.errors import Conflict, Gone, Refusal, TooMany
from studyportal.research.access.project import approval, snapshot_under
from studyportal.research.cohorts.criteria import saved_criteria
from studyportal.research.holdings import Holdings
from studyportal.research.papers import signed_paper
from studyportal.research.reports.cohort_report import SECTIONS, Look, Subject, cohort_report
from studyportal.workbench import reports
from studyportal.workbench.grants import GrantDocument

BIND, KIND = "workbench", "report"
# On their way at once in one project; each takes seconds, so a longer line is a mistake or an attack.
MOST_WAITING = 5
OTHER_BINS = (
    "Since this report was asked for, answers that few people gave were put together in another way. Ask for it again on "
    "the cohort's page."
)
NOT_YET = "This report is not made yet. Its page says how far it is."


@dataclass(frozen=True, slots=True)
class Wish:
    """A report that somebody wants: of these criteria (canonical JSON) on this snapshot, under this name."""

    title: str
    snapshot: int
    criteria: str
    size: str


def ask_report(
    report: UUID,
    wish: Wish,
    *,
    project: str,
    account: UUID,
    still: Callable[[sa.Connection], None],
    actor: Actor,
    now: datetime,
) -> None:
    """Want a report of a cohort. Raises `TooMany` while several of the project are on their way, and what `still`
    raises."""
    with writing(BIND) as connection:
        still(connection)
        open_ones = [
            one for one in reports.reports_of(connection, project) if not one["made_at"] and not one["given_up_at"]
        ]
        if len(open_ones) >= MOST_WAITING:
            raise TooMany("Several reports of this project are being made. Wait until one is done.", retry_after=10)
        reports.add_report(
            connection,
            report,
            project=project,
            kind="cohort",
            title=wish.title,
            snapshot=wish.snapshot,
            criteria=wish.criteria,
            size=wish.size,
            sections=len(SECTIONS),
            account=account,
            now=now,
        )
        outbox.put(connection, BIND, KIND, str(report), {"report": str(report)}, now=now)
        event = AuditEvent(actor, "report:ask", "report", str(report), {"project": project, "snapshot": wish.snapshot})
        record(connection, BIND, event, now=now)


def make_report(report: UUID, *, held: Holdings, look: Look, actor: Actor, now: datetime) -> None:
    """Make a report that is wanted and keep it; or give it up, if the approval ended or the snapshot cannot be read."""
    with reading(BIND) as connection:
        wanted = reports.wanted_report(connection, report)
    if wanted is None:
        return
    try:
        pdf = _made(wanted, held=held, look=look, now=now)
        _keep(report, wanted, pdf, held=held, actor=actor, now=now)
    except Refusal as refusal:
        _give_up(report, wanted, refusal, actor=actor, now=now)


def _approved(connection: sa.Connection, wanted, *, held: Holdings, now: datetime) -> GrantDocument:  # type: ignore[no-untyped-def]
    return approval(connection, wanted["project"], account=wanted["asked_by"], holdings=held, now=now)


def _made(wanted, *, held: Holdings, look: Look, now: datetime) -> bytes:  # type: ignore[no-untyped-def]
    with reading(BIND) as connection:
        grant = _approved(connection, wanted, held=held, now=now)
    snapshot = snapshot_under(grant, wanted["snapshot"], holdings=held)
    criteria = saved_criteria(wanted["criteria"], snapshot)
    if criteria.widened:
        # Of these people nothing was charged.
        raise Conflict(OTHER_BINS)
    about = Subject(
        snapshot,
        criteria,
        wanted["title"],
        grant,
        held.shelf.published(snapshot.number).consents,
    )

    def tell(done: int) -> None:
        with writing(BIND) as connection:
            _approved(connection, wanted, held=held, now=now)
            reports.note_progress(connection, wanted["id"], done)

    return signed_paper(
        cohort_report(about, replace(look, size=wanted["size"]), now=wanted["asked_at"], done=tell), held
    )


def _keep(report: UUID, wanted, pdf: bytes, *, held: Holdings, actor: Actor, now: datetime) -> None:  # type: ignore[no-untyped-def]
    with writing(BIND) as connection:
        _approved(connection, wanted, held=held, now=now)
        if reports.keep_report(connection, report, pdf, now=now):
            _note(connection, "report:make", report, wanted, actor, now)


def _give_up(report: UUID, wanted, refusal: Refusal, *, actor: Actor, now: datetime) -> None:  # type: ignore[no-untyped-def]
    with writing(BIND) as connection:
        if reports.give_up_report(connection, report, refusal.sentence, now=now):
            _note(connection, "report:give_up", report, wanted, actor, now)


def _note(connection: sa.Connection, action: str, report: UUID, wanted, actor: Actor, now: datetime) -> None:  # type: ignore[no-untyped-def]
    record(connection, BIND, AuditEvent(actor, action, "report", str(report), {"project": wanted["project"]}), now=now)


def take_report(
    report: UUID, *, project: str, still: Callable[[sa.Connection], None], actor: Actor, now: datetime
) -> bytes:
    """The PDF, for download. Raises `NotFound`; `Conflict` before it is made, `Gone` if it was given up; what `still`
    raises."""
    with writing(BIND) as connection:
        found = reports.report(connection, project, report)
        if found["given_up_at"]:
            raise Gone(found["reason"])
        if not found["made_at"]:
            raise Conflict(NOT_YET)
        still(connection)
        _note(connection, "report:take", report, found, actor, now)
        return reports.content_of(connection, report)
