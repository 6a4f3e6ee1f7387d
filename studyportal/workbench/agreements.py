"""The data-use agreement: a text that ships with the package, and who signed which text for which grant.

A shipped text never changes; a better one is a further file with the next number. Nothing of a project opens without a
signature under exactly the text that its grant names.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from uuid import UUID, uuid4

import sqlalchemy as sa

from studyportal.database import insert_once
from studyportal.errors import NotAllowed, Unavailable
from studyportal.workbench.grants import GrantDocument, encode
from studyportal.workbench.tables import AGREEMENTS

CURRENT = "1"
UNSIGNED = "Sign the data-use agreement first. It stands beside your project."
_FOLDER = Path(__file__).parent / "agreement_texts"


@dataclass(frozen=True, slots=True)
class Agreement:
    """One version of the text."""

    version: str
    text: str

    @property
    def sha256(self) -> bytes:
        """The digest under which it is signed."""
        return hashlib.sha256(self.text.encode()).digest()

    @property
    def title(self) -> str:
        return self.text.splitlines()[0].removeprefix("# ")

    def sections(self) -> Iterator[tuple[str, list[str]]]:
        """Its headings, each with its paragraphs; the first has no heading."""
        for part in self.text.partition("\n")[2].split("\n## "):
            heading, _, body = part.partition("\n") if not part.startswith("\n") else ("", "", part)
            yield heading, [paragraph.strip() for paragraph in body.split("\n\n") if paragraph.strip()]


@lru_cache(maxsize=16)
def agreement(version: str) -> Agreement:
    """The text of a version; raises `Unavailable` for one that this package does not have."""
    try:
        return Agreement(version, (_FOLDER / f"{int(version)}.md").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise Unavailable("The text of this agreement is not here. Ask the data custodian.") from None


def agreement_of(document: GrantDocument) -> Agreement:
    """The text that a grant names; raises `Unavailable` if it is not here, or not as custody knew it."""
    found = agreement(document.agreement)
    if found.sha256.hex() != document.agreement_sha256:
        raise Unavailable("The text of this agreement is not the one that was approved. Ask the data custodian.")
    return found


def sign_agreement(connection: sa.Connection, document: GrantDocument, *, signed_name: str, now: datetime) -> bool:
    """Keep a signature of the text that the grant names; False if it was signed before."""
    found = agreement_of(document)
    row = {
        "id": uuid4(),
        "project": document.project,
        "account": document.account,
        "version": found.version,
        "text_sha256": found.sha256,
        "document_sha256": hashlib.sha256(encode(document).encode()).digest(),
        "signed_name": signed_name,
        "signed_at": now,
    }
    return insert_once(connection, AGREEMENTS, row, key=["project", "text_sha256"])


def signature_of(connection: sa.Connection, document: GrantDocument) -> sa.Row | None:
    """The signature that holds for a grant: by its researcher, under its text."""
    if not document.agreement_sha256:
        return None
    of_grant = (AGREEMENTS.c.project == document.project) & (AGREEMENTS.c.account == document.account)
    under_text = AGREEMENTS.c.text_sha256 == bytes.fromhex(document.agreement_sha256)
    return connection.execute(sa.select(AGREEMENTS).where(of_grant, under_text)).first()


def check_signed(connection: sa.Connection, document: GrantDocument) -> None:
    """Raise `NotAllowed` unless the agreement of a grant is signed."""
    if signature_of(connection, document) is None:
        raise NotAllowed(UNSIGNED)


def signatures(connection: sa.Connection, account: UUID | None = None) -> list[sa.Row]:
    """Every signature, or those of one researcher, newest first."""
    rows = sa.select(AGREEMENTS).order_by(AGREEMENTS.c.signed_at.desc())
    return list(connection.execute(rows if account is None else rows.where(AGREEMENTS.c.account == account)))
