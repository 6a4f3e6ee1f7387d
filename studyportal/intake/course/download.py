"""Everything about one person in one document that they can take along. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from studyportal.intake.course.opening import OwnEntry, instrument_of
from studyportal.intake.diary.receipts import base64url
from studyportal.intake.diary.submission import receipt_of
from studyportal.intake.enrolment.sessions import Caller
from studyportal.protocol import Protocol
from studyportal.protocol.schedules import Pause
from studyportal.registry.consents import agreed_scopes
from studyportal.web.telling import told
from studyportal.web.translating import in_words


def everything(
    caller: Caller,
    entries: Sequence[OwnEntry],
    consents: Sequence[sa.Row],
    withdrawals: Sequence[sa.Row],
    pauses: Sequence[Pause],
    *,
    protocol: Protocol,
    receipt_public: bytes,
    now: datetime,
) -> Mapping[str, Any]:
    """JSON-able: who, what was agreed and withdrawn, when they paused, and every entry with its answers in codes and in
    words.

    Each entry carries its blind and receipt, so that its commitment can be checked without us.
    """
    return {
        "study": {"code": protocol.study.code, "title": protocol.study.title, "version": protocol.study.version},
        "participant_code": caller.participant_code,
        "enrolment": str(caller.enrolment),
        "started_on": caller.enrolled.started_on,
        "zone": caller.enrolled.zone,
        "downloaded_at": now,
        "receipt_public_key": base64url(receipt_public),
        "consents": [
            {
                "form_version": one.form_version,
                "text_sha256": one.text_sha256.hex(),
                "scopes": agreed_scopes(one),
                "agreed_at": one.agreed_at,
                "zone": one.zone,
                "check_passed": one.check_passed,
                "name_commitment": one.name_commitment.hex() if one.name_commitment else None,
                "signature": base64url(one.signature) if one.signature else None,
            }
            for one in consents
        ],
        "withdrawals": [
            {
                "scope": one.scope,
                "strength": one.strength,
                "requested_at": one.requested_at,
                "completed_at": one.completed_at,
            }
            for one in withdrawals
        ],
        "pauses": [{"began_at": one.began_at, "until": one.until} for one in pauses],
        "entries": [_entry(own, protocol) for own in entries],
    }


def _entry(own: OwnEntry, protocol: Protocol) -> Mapping[str, Any]:
    # What staff wrote has none; its commitment can be checked against the blind all the same.
    none = {"receipt": None, "signature": None, "commitment": base64url(own.row.commitment)}
    signed = none if own.by_staff else receipt_of(own.row, own.id, protocol.study.code).to_wire()
    if own.entry is None:
        return {"id": str(own.id), "received_at": own.received_at, "opened": False} | signed
    instrument = instrument_of(own.entry, protocol)
    return {
        "id": str(own.id),
        "received_at": own.received_at,
        "occasion": own.occasion,
        "opened": True,
        "entry": msgspec.to_builtins(own.entry),
        "in_words": [
            {"question": question, "answer": in_words(answer)} for question, answer in told(own.entry, instrument)
        ],
    } | signed
