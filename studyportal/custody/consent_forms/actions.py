"""Propose the study document's consent form, put a proposal into force as the second person, or let it fall.

Both accounts are live while they act, and two people: neither the same account nor two accounts under one name. What is
decided on is the text that was read, in every language; if the document has changed since, nothing is decided.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.custody.approvals.deciding import Custodian, deciding, same_person
from studyportal.database import reading, writing
from studyportal.errors import Conflict, NotAllowed
from studyportal.protocol import Protocol
from studyportal.protocol.agreeing import texts_now
from studyportal.registry import consent_forms as forms
from studyportal.web.sign_in.accounts import accounts

NOTHING_NEW = (
    "This version is in force already, in every language. A new one comes with an amendment of the study document."
)
WAITS = "A proposal waits already. Another custodian decides on it first."
DECIDED = "This proposal does not wait any more: somebody has decided on it. Nothing was changed."
OWN = "You proposed this version, or an account of your name did. Another custodian puts it into force."
CHANGED = "The study document has changed since this was proposed. Let the proposal fall and propose the new text."
OTHER_TEXT = "The study document has changed since you opened this page. Read it again before you decide."


def begin_with_form(spoken: Sequence[Protocol], *, actor: Actor, now: datetime) -> None:
    """Put the form of a new instance into force, with the instance and by whoever makes it."""
    version, texts = spoken[0].consent.version, texts_now(spoken)
    with writing("registry") as connection:
        forms.begin_with(connection, version, texts, now=now)
        record(connection, "registry", _event(actor, "consent:begin", version, len(texts)), now=now)


def is_new(connection: sa.Connection, spoken: Sequence[Protocol]) -> bool:
    """Whether the document's form is not in force as it stands: another version, or one more language."""
    form = forms.form_in_force(connection)
    return form is None or form.version != spoken[0].consent.version or forms.texts_of(form) != texts_now(spoken)


def propose(spoken: Sequence[Protocol], *, read: str, custodian: UUID, now: datetime) -> UUID:
    """Propose the document's form; the id of the proposal. `read` is what `reading_mark` said of the text on the page.

    Raises `NotAllowed` for an ended role, `Conflict` if there is nothing new, another proposal waits, or another text
    was read.
    """
    id, version, texts = uuid4(), spoken[0].consent.version, texts_now(spoken)
    if read != reading_mark(spoken):
        raise Conflict(OTHER_TEXT)
    with deciding(custodian, bind="registry") as (connection, who):
        if not is_new(connection, spoken):
            raise Conflict(NOTHING_NEW)
        if not forms.propose_form(connection, id, version, texts, by=who.id, now=now):
            raise Conflict(WAITS)
        record(connection, "registry", _event(who.actor, "consent:propose", version, len(texts)), now=now)
    return id


def put_into_force(id: UUID, spoken: Sequence[Protocol], *, read: str, custodian: UUID, now: datetime) -> str:
    """Put a proposal into force; its version. From now on it is what people sign, and who takes part is asked to.

    Raises `NotAllowed` for the proposer and an ended role, `Conflict` if it does not wait any more, or if the text is
    not the one that was proposed and read.
    """
    if read != reading_mark(spoken):
        raise Conflict(OTHER_TEXT)
    with deciding(custodian, bind="registry") as (connection, who):
        waiting = _waiting(connection, id)
        if is_own(waiting, who):
            raise NotAllowed(OWN)
        if waiting.version != spoken[0].consent.version or forms.texts_of(waiting) != texts_now(spoken):
            raise Conflict(CHANGED)
        # The latest in force counts, whatever the clock says.
        before = forms.form_in_force(connection)
        at = now if before is None else max(now, before.in_force_at + timedelta(microseconds=1))
        if not forms.put_into_force(connection, id, by=who.id, now=at):
            raise Conflict(DECIDED)
        record(
            connection, "registry", _event(who.actor, "consent:put", waiting.version, len(texts_now(spoken))), now=now
        )
    return str(waiting.version)


def drop(id: UUID, *, custodian: UUID, now: datetime) -> str:
    """Let a proposal fall, one's own as well; its version. Raises `NotAllowed` for an ended role, `Conflict` as
    above."""
    with deciding(custodian, bind="registry") as (connection, who):
        waiting = _waiting(connection, id)
        if not forms.drop_proposal(connection, id, by=who.id, now=now):
            raise Conflict(DECIDED)
        event = _event(who.actor, "consent:drop", waiting.version, len(forms.texts_of(waiting)))
        record(connection, "registry", event, now=now)
    return str(waiting.version)


def is_own(waiting: sa.Row, who: Custodian) -> bool:
    """Whether somebody proposed this themselves, perhaps from another account of their name."""
    with reading("keyring") as connection:
        names = {row.id: row.shown_name for row in accounts(connection, "keyring")}
    return waiting.proposed_by == who.id or same_person(names.get(waiting.proposed_by, ""), who.name)


def reading_mark(spoken: Sequence[Protocol]) -> str:
    """What stands in a form under the text, to be held against the text when it comes back."""
    return " ".join((spoken[0].consent.version, *sorted(texts_now(spoken))))


def _waiting(connection: sa.Connection, id: UUID) -> sa.Row:
    waiting = forms.waiting_form(connection)
    if waiting is None or waiting.id != id:
        raise Conflict(DECIDED)
    return waiting


def _event(actor: Actor, action: str, version: str, languages: int) -> AuditEvent:
    return AuditEvent(actor, action, "consent form", version, {"languages": languages})
