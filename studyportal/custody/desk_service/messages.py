"""Open the messages between one participant and their site, with the names of the accounts that wrote for the site."""

from uuid import UUID

import sqlalchemy as sa

from studyportal.custody.opening.key_file import Keys
from studyportal.custody.opening.transport import opened_seed
from studyportal.database import reading
from studyportal.desk import ERASED, OpenedMessage
from studyportal.errors import CannotOpen, Gone
from studyportal.keyring.wrapping import custody_seeds
from studyportal.registry.contexts import message_context
from studyportal.registry.message_seals import message_body
from studyportal.registry.messages import sealed_messages
from studyportal.sealing.opening import Opener
from studyportal.web.sign_in.accounts import accounts

GONE = "An account that is gone"


def contact_opener(enrolment: UUID, *, keys: Keys, study: str) -> Opener:
    """What opens an enrolment's messages. Raises `Gone` once its keys are destroyed."""
    with reading("keyring") as connection:
        seeds = custody_seeds(connection, domain="contact", enrolments=[enrolment])
    if not seeds:
        raise Gone(ERASED)
    return Opener(opened_seed(seeds[0], keys, study=study))


def messages_of(enrolment: UUID, opener: Opener, *, study: str) -> tuple[OpenedMessage, ...]:
    """Every message, the oldest first; one that does not open has no text."""
    with reading("registry") as connection:
        rows = sealed_messages(connection, enrolment)
        names = {row.id: row.shown_name for row in accounts(connection, "registry")}
    return tuple(
        OpenedMessage(
            id=row.id,
            sent_at=row.sent_at,
            by="participant" if row.sender == "participant" else names.get(row.account, GONE),
            text=_text(row, opener, study),
            read_at=row.read_at,
        )
        for row in rows
    )


def _text(row: sa.Row, opener: Opener, study: str) -> str | None:
    try:
        about = message_context(study, row.enrolment, row.id, row.sender)
        return message_body(opener.unseal(row.sealed, about=about))[0]
    except CannotOpen:
        return None
