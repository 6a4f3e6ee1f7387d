"""The sentence that a participant signs: which text, which scopes, when and where. Pure.

Intake signs it with the key that the passphrase yields; custody checks it before it signs a copy. Of the questions
about the text it says that they were answered, and nothing of how; of a name, what nobody can test guesses against.
"""

import json
from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa

LABEL = "studyportal consent"


def consent_statement(
    *,
    form_version: str,
    text_sha256: bytes,
    scopes: Collection[str],
    study: str,
    enrolment: UUID,
    agreed_at: datetime,
    zone: str,
    check_passed: bool = False,
    name_commitment: bytes | None = None,
) -> bytes:
    """The canonical bytes under a consent signature: JSON with sorted names and no spaces, in UTF-8.

    `text_sha256` is the hash of every word that was shown, `agreed_at` the server's time in UTC. `check_passed` and
    `name_commitment` stand in it where the form asks for them, so that older statements keep their bytes.
    """
    statement: dict[str, object] = {
        "agreed_at": agreed_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "enrolment": str(enrolment),
        "form_version": form_version,
        "scopes": sorted(scopes),
        "study": study,
        "text_sha256": text_sha256.hex(),
        "zone": zone,
    }
    if check_passed:
        statement["check"] = "passed"
    if name_commitment is not None:
        statement["name_commitment"] = name_commitment.hex()
    return json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def statement_of(record: sa.Row, study: str) -> bytes:
    """The same, out of a consent record: what its signature covers."""
    return consent_statement(
        form_version=record.form_version,
        text_sha256=record.text_sha256,
        scopes=json.loads(record.scopes),
        study=study,
        enrolment=record.enrolment,
        agreed_at=record.agreed_at,
        zone=record.zone,
        check_passed=record.check_passed,
        name_commitment=record.name_commitment,
    )
