"""A study whose consent form changes: amended documents, and two custodians who put a version into force."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from studyportal.audit import Actor
from studyportal.custody.consent_forms.actions import propose, put_into_force, reading_mark
from studyportal.database import reading
from studyportal.portal.amending import amend
from studyportal.portal.inside import inside
from studyportal.protocol import load_protocol
from studyportal.protocol.versions import in_every_language
from studyportal.web.sign_in.accounts import accounts
from tests.journeys.house import House

FORMER, VERSION = 'consent:\n  version: "{}"', 'version: "{}"'


def amended(house: House, *, version: str, form: str, replacing: tuple[str, str] = ("", "")) -> None:
    """Give the study a later document whose consent form has another version; its rooms start anew."""
    path = house.folder / "protocol.yaml"
    text, before = path.read_text(encoding="utf-8"), load_protocol(path)
    text = text.replace(VERSION.format(before.study.version), VERSION.format(version), 1)
    text = text.replace(FORMER.format(before.consent.version), FORMER.format(form), 1).replace(*replacing)
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "new.yaml"
        document.write_text(text, encoding="utf-8")
        amend(
            house.folder,
            document,
            breaking=False,
            say=lambda changes: None,
            actor=Actor("custody", "command", "test"),
            now=datetime.now(UTC),
        )
    if "rooms" in vars(house):
        house.close()
        del house.rooms


def proposed(house: House, by: str) -> UUID:
    """Let a custodian propose the document's form."""
    spoken = in_every_language(load_protocol(house.folder / "protocol.yaml"))
    with inside("custody", house.folder):
        return propose(spoken, read=reading_mark(spoken), custodian=_account_of(by), now=datetime.now(UTC))


def _account_of(name: str) -> UUID:
    with reading("keyring") as connection:
        return next(row.id for row in accounts(connection, "keyring") if row.shown_name == name)


def in_force(house: House, *, by: tuple[str, str]) -> None:
    """Let one custodian propose the document's form and another one put it into force."""
    id = proposed(house, by[0])
    spoken = in_every_language(load_protocol(house.folder / "protocol.yaml"))
    with inside("custody", house.folder):
        second = _account_of(by[1])
        put_into_force(id, spoken, read=reading_mark(spoken), custodian=second, now=datetime.now(UTC))
