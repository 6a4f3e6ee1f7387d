"""The same entry as JSON, for an app. Documented in docs/api-intake.md.

Lean on purpose: one query says who sends, one transaction keeps. A refusal names the field and repeats nothing that
was sent.
"""

import re
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from flask import Blueprint, Response, request

from studyportal import clock
from studyportal.audit import Actor
from studyportal.errors import Invalid
from studyportal.intake.diary.receipts import base64url
from studyportal.intake.diary.signing import receipt_signer
from studyportal.intake.diary.submission import submit
from studyportal.intake.enrolment.awaiting import why_waiting
from studyportal.intake.enrolment.sign_in import add_device, recognise
from studyportal.intake.enrolment.visitors import caller
from studyportal.protocol.entry import read_blind
from studyportal.saying import said
from studyportal.web.answering.times import Times
from studyportal.web.here import here

api = Blueprint("api", __name__, url_prefix="/api")

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Name = Annotated[str, msgspec.Meta(max_length=40)]


class SentEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry as an app sends it; the protocol reads `answers`, which stay the bytes that they were.

    `occasion` goes with scheduled instruments, `event_at` with those on demand, `follows` with those after an event.
    """

    id: UUID
    instrument: Name
    answers: msgspec.Raw
    blind: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{43}$")]
    zone: Annotated[str, msgspec.Meta(max_length=64)]
    saved_at: Moment
    occasion: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    event_at: Moment | None = None
    missing: dict[Name, Name] = {}
    follows: UUID | None = None
    protocol_version: Annotated[str, msgspec.Meta(max_length=40)] | None = None


class SentCredentials(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a participant types into an app once."""

    code: Annotated[str, msgspec.Meta(max_length=64)]
    passphrase: Annotated[str, msgspec.Meta(max_length=256)]


Sent = TypeVar("Sent")
_entries = msgspec.json.Decoder(SentEntry)
_credentials = msgspec.json.Decoder(SentCredentials)

# What a decoder says is turned into a field and a sentence of ours; its own words may hold what was sent.
_PLACES = (
    (re.compile(r"unknown field `([a-z][a-z0-9_]{0,39})`"), "There is no such field."),
    (re.compile(r"missing required field `([a-z_]{1,40})`"), "This field is needed."),
    (re.compile(r"at `\$\.([a-z_]{1,40})"), said("This field has another form; see the documentation.")),
)


def read_sent(decoder: msgspec.json.Decoder[Sent], body: bytes) -> Sent:
    """What an app sent, checked; raises `Invalid` that names the first unfit field."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as mistake:
        said = str(mistake)
        for place, sentence in _PLACES:
            if found := place.search(said):
                raise Invalid("This could not be taken as it is.", {found[1]: sentence}) from None
        raise Invalid("This could not be taken as it is.") from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Invalid("This is not JSON in UTF-8.") from None


@api.post("/entries")
def send_entry() -> Response:
    """Take one entry; 201 the first time, 200 with the same receipt when it comes again."""
    now, found, place = clock.now(), caller(), here()
    sent = read_sent(_entries, request.get_data(cache=False))
    kept = submit(
        sent.id,
        found.enrolled,
        sent.instrument,
        bytes(sent.answers),
        missing=sent.missing,
        follows=sent.follows,
        version=sent.protocol_version,
        occasion=sent.occasion,
        times=Times(sent.zone, sent.event_at, sent.saved_at),
        blind=_blind(sent.blind),
        protocol=place.protocol,
        signer=receipt_signer(),
        source="participant",
        check_times=True,
        waiting=why_waiting(found.enrolled),
        actor=Actor("intake", "device", str(found.enrolment)),
        now=now,
    )
    return _json(kept.receipt.to_json(), 201 if kept.created else 200)


def _blind(text: str) -> bytes:
    blind = read_blind(text)
    if base64url(blind) != text:
        sentence = said("Send 32 bytes as base64url without padding.")
        raise Invalid("This could not be taken as it is.", {"blind": sentence})
    return blind


@api.post("/devices")
def add() -> Response:
    """Give an app a token that can send and read nothing, and what it needs to know when something is due."""
    now, place = clock.now(), here()
    sent = read_sent(_credentials, request.get_data(cache=False))
    enrolment, root = recognise(
        sent.code, sent.passphrase, address=request.remote_addr, secret=place.settings.secret_key, now=now
    )
    device = add_device(enrolment, root, now=now)
    answer: dict[str, Any] = {
        "enrolment": str(enrolment),
        "expires_at": device.expires_at,
        "receipt_public_key": base64url(receipt_signer().public),
        "study": place.protocol.study.code,
        "token": device.token,
    }
    return _json(msgspec.json.encode(answer), 201)


@api.get("/enrolment")
def own_enrolment() -> Response:
    """From when, in which zone, and whether entries are still taken: what an app needs to count occasions."""
    found = caller().enrolled
    answer = {
        "enrolment": str(found.enrolment),
        "started_on": found.started_on,
        "takes_entries": found.started_on is not None and not found.has_stopped and not why_waiting(found),
        "zone": found.zone,
    }
    return _json(msgspec.json.encode(answer), 200)


@api.get("/protocol")
def protocol() -> Response:
    """The study document itself: what is asked, when, and the form to agree to."""
    response = Response(here().protocol.source, mimetype="application/yaml")
    response.set_etag(here().protocol.digest)
    return response.make_conditional(request)


def _json(body: bytes, status: int) -> Response:
    return Response(body, status, content_type="application/json")
