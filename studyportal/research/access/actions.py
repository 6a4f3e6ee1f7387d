"""What a researcher can do about access: ask, change or take back what was asked, and sign the agreement."""

import hashlib
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.errors import Conflict, Invalid
from studyportal.research.access.asking import asked_for, one_line
from studyportal.web.sign_in.accounts import normalised_name
from studyportal.workbench.agreements import agreement_of, sign_agreement
from studyportal.workbench.applications import Wanted, add_application, amend_application, withdraw_application
from studyportal.workbench.grants import GrantDocument, encode


def ask_for_access(
    connection: sa.Connection,
    application: UUID,
    wanted: Wanted,
    *,
    known: Collection[str],
    account: UUID,
    actor: Actor,
    now: datetime,
) -> None:
    """Put a request before custody. Raises `Invalid` with what to change."""
    wanted = asked_for(wanted, known=known, today=now.date())
    add_application(connection, application, wanted, account=account, now=now)
    _tell(connection, "create", application, actor=actor, now=now, items=len(wanted.items))


def amend_request(
    connection: sa.Connection,
    application: UUID,
    wanted: Wanted,
    *,
    revision: int,
    known: Collection[str],
    account: UUID,
    actor: Actor,
    now: datetime,
) -> None:
    """Change a request that waits. Raises `Invalid`, `NotFound`, or `Conflict` if it was decided or changed
    meanwhile."""
    wanted = asked_for(wanted, known=known, today=now.date())
    amend_application(connection, application, wanted, account=account, revision=revision, now=now)
    _tell(connection, "amend", application, actor=actor, now=now, revision=revision + 1)


def withdraw_request(
    connection: sa.Connection, application: UUID, *, account: UUID, actor: Actor, now: datetime
) -> None:
    """Take back a request that waits. Raises `NotFound`, or `Conflict` if it was decided meanwhile."""
    withdraw_application(connection, application, account=account, now=now)
    _tell(connection, "withdraw", application, actor=actor, now=now)


def _tell(
    connection: sa.Connection, act: str, application: UUID, *, actor: Actor, now: datetime, **detail: int
) -> None:
    event = AuditEvent(actor, f"application:{act}", "application", str(application), detail)
    record(connection, "workbench", event, now=now)


def shown_digest(document: GrantDocument) -> str:
    """What stands for the agreement's text and the terms beside it, as one page shows them."""
    return hashlib.sha256(agreement_of(document).sha256 + encode(document).encode()).hexdigest()


def sign(
    connection: sa.Connection,
    document: GrantDocument,
    *,
    signed_name: str,
    own_name: str,
    digest: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Sign the agreement of a grant; signing it again changes nothing.

    Raises `Invalid` for another name than the account's, `Conflict` if text or terms are not those that were shown.
    """
    if digest != shown_digest(document):
        raise Conflict("The terms have changed since you opened this page. Read them again, then sign.")
    if normalised_name(signed_name) != normalised_name(own_name):
        sentence = f"Type your name as it stands in your account: {own_name}."
        raise Invalid(sentence, {"signed_name": sentence})
    if sign_agreement(connection, document, signed_name=one_line(signed_name), now=now):
        detail = {"version": document.agreement, "sha256": document.agreement_sha256}
        event = AuditEvent(actor, "agreement:sign", "project", document.project, detail)
        record(connection, "workbench", event, now=now)
