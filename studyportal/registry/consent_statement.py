"""The sentence that a participant signs: which text, which scopes, when and where. Pure.

Intake signs it with the key that the passphrase yields; custody checks it before it signs a copy.
"""

import json
from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

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
) -> bytes:
    """The canonical bytes under a consent signature: JSON with sorted names and no spaces, in UTF-8.

    `text_sha256` is the hash of every word that was shown, `agreed_at` the server's time in UTC.
    """
    statement = {
        "agreed_at": agreed_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "enrolment": str(enrolment),
        "form_version": form_version,
        "scopes": sorted(scopes),
        "study": study,
        "text_sha256": text_sha256.hex(),
        "zone": zone,
    }
    return json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
