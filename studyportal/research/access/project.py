"""Check, at every request and again before its answer leaves, that custody approved this researcher for this project,
that they signed the agreement, and that the approval still runs. What they see is cut to the questions of the approval.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic, sleep
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Response, current_app, g, redirect, request, url_for

from studyportal import clock
from studyportal.database import reading
from studyportal.errors import NotAllowed, NotFound, Refusal
from studyportal.research.holdings import Holdings, holdings
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.web.access import signed_in
from studyportal.web.sign_in.accounts import live_account
from studyportal.workbench import grants
from studyportal.workbench.agreements import check_signed, signature_of
from studyportal.workbench.grants import GrantDocument

AGGREGATES_ONLY = (
    "Your approval covers aggregates: protected tables and their files. For a data set with one row per person, ask for "
    "record level."
)


def name_project(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Take the project out of the address, so that views need not carry it."""
    g.project_name = (values or {}).pop("project", None)


def put_project(endpoint: str, values: dict[str, Any]) -> None:
    """Put it into the addresses of the same project's pages."""
    values.setdefault("project", g.get("project_name"))


def _account() -> UUID:
    return UUID(str(signed_in().id))


# Seconds. A set that was answered before is answered sooner than one that is new: whoever could measure that would know
# whether two groups are the same. So answers leave at whole steps after the request came, longer than the work takes:
# at `STEP` if everything it asks was opened before, else at `STEP_OF_COHORT`, and where results are opened at
# `STEP_OF_RESULTS`.
STEP, STEP_OF_COHORT, STEP_OF_RESULTS = 0.1, 0.25, 1.0


def hold(response: Response) -> Response:
    """Let an answer go at the next whole step, whatever it took to work out."""
    if "began" in g and STEP:
        step = g.get("step", STEP)
        sleep(step - (monotonic() - g.began) % step)
    return response


def hold_for(step: float) -> None:
    """Let the answer of this request go at steps of so many seconds, if it does not at longer ones."""
    g.step = max(step, g.get("step", STEP))


def admit() -> Response | None:
    """Let the request through to a project's pages, lead it to an agreement that is not signed, or refuse.

    The access rule of the page was checked before.
    """
    g.began = monotonic()
    with reading("workbench") as connection:
        found = running(connection, g.project_name, account=_account(), holdings=holdings(), now=clock.now())
        if request.method == "GET" and signature_of(connection, found) is None:
            return redirect(url_for("agreements.read", name=found.project), 303)
        check_signed(connection, found)
    g.approval = found
    return None


def look_again(response: Response) -> Response:
    """Put a refusal in the place of an answer whose approval ended while it was made: nothing of it leaves."""
    if "approval" not in g or response.status_code >= 400:
        return response
    try:
        with reading("workbench") as connection:
            still_approved()(connection)
    except Refusal as refusal:
        return current_app.make_response(current_app.handle_user_exception(refusal))
    return response


def project() -> GrantDocument:
    """The approval under which this request works."""
    found: GrantDocument = g.approval
    return found


def still_approved() -> Callable[[sa.Connection], None]:
    """What an action calls when it is done and before it keeps or hands out anything; raises as `approval` does."""
    name, account, held = project().project, _account(), holdings()

    def check(connection: sa.Connection) -> None:
        approval(connection, name, account=account, holdings=held, now=clock.now())

    return check


def granted_snapshot(number: int | None) -> OpenedSnapshot:
    """The snapshot of this number, or the newest, with the questions of the approval and no others."""
    return snapshot_under(project(), number, holdings=holdings())


def snapshot_under(grant: GrantDocument, number: int | None, *, holdings: Holdings) -> OpenedSnapshot:
    """The same for a job, whose approval was just looked at."""
    return holdings.shelf.opened(number).limited_to(grant.items)


def check_records() -> None:
    """Raise `NotAllowed` unless the approval lets single rows out."""
    if not project().covers_records:
        raise NotAllowed(AGGREGATES_ONLY)


def approval(
    connection: sa.Connection, name: str, *, account: UUID, holdings: Holdings, now: datetime
) -> GrantDocument:
    """The running approval of `account` for a project whose agreement is signed: for requests, and for jobs when they
    start and before they keep what they made.

    Raises what `running` raises, and `NotAllowed` without a signature.
    """
    found = running(connection, name, account=account, holdings=holdings, now=now)
    check_signed(connection, found)
    return found


def running(connection: sa.Connection, name: str, *, account: UUID, holdings: Holdings, now: datetime) -> GrantDocument:
    """The approval of `account` for a project, signed for or not.

    Raises `NotFound` for a project of others or none, `Gone` once it has ended or expired, `NotAllowed` while it is
    suspended or when the account has ended, `CannotOpen` or `NotAllowed` if it is not what custody signed.
    """
    who = live_account(connection, "workbench", account)
    if who is None or who.role != "researcher":
        raise NotAllowed("This account has ended.")
    return _checked(own_grant(connection, name, account=account), account=account, holdings=holdings, now=now)


def own_grant(connection: sa.Connection, name: str, *, account: UUID) -> sa.Row:
    """The grant of a project among those of `account`, unchecked; raises `NotFound`."""
    for row in grants.grants_of(connection, account):
        if row.project == name:
            return row
    raise NotFound("There is no such project among yours.")


def _checked(row: sa.Row, *, account: UUID, holdings: Holdings, now: datetime) -> GrantDocument:
    public, study = holdings.custody_public, holdings.study
    return grants.checked(row, study=study, account=account, custody_public=public, now=now)


@dataclass(frozen=True)
class Standing:
    """One project of a researcher: the document (None if it does not hold), why it is closed or "", who signed."""

    row: sa.Row
    document: GrantDocument | None
    closed: str
    signature: sa.Row | None
    state: str


def standing(connection: sa.Connection, *, account: UUID, holdings: Holdings, now: datetime) -> list[Standing]:
    """Every project of a researcher, newest first."""
    found = []
    for row in grants.grants_of(connection, account):
        signature, state = None, grants.standing_of(row, now=now)
        try:
            document, closed = _checked(row, account=account, holdings=holdings, now=now), ""
            signature = signature_of(connection, document)
        except Refusal as refusal:
            document, closed = None, refusal.sentence
        found.append(Standing(row, document, closed, signature, state))
    return found


def wanted_snapshot() -> int | None:
    """The snapshot that the address asks for; None is the newest. Raises `NotFound` for what is no number."""
    raw = request.args.get("snapshot", "")
    if raw and not (raw.isascii() and raw.isdigit() and len(raw) <= 6):
        raise NotFound("There is no such snapshot.")
    return int(raw) if raw else None
