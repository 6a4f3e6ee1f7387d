"""What a phone is given to keep a diary without a network, and the door for what it sends afterwards.

The pages that it keeps are the same for everybody and hold nothing of anybody; what is somebody's own, it seals itself.
Its token can send forms and read nothing.
"""

import hashlib
from collections.abc import Mapping, Sequence
from importlib.metadata import version

import msgspec
from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask_babel import gettext

from studyportal import clock
from studyportal.audit import Actor
from studyportal.database import reading
from studyportal.errors import Invalid, NotFound
from studyportal.intake.diary.aid import aid_offline
from studyportal.intake.diary.filled import VERSION_FIELD, blank, read_filled
from studyportal.intake.diary.signing import receipt_signer
from studyportal.intake.diary.submission import submit
from studyportal.intake.enrolment.awaiting import why_waiting
from studyportal.intake.enrolment.sign_in import add_own_device
from studyportal.intake.enrolment.visitors import caller
from studyportal.intake.enrolment.whose import name_of
from studyportal.intake.offline.due import due_ahead
from studyportal.intake.today.same import offered_offline, place
from studyportal.protocol import Instrument, Protocol
from studyportal.protocol.contacts import contacts_for
from studyportal.registry.entries import occasions_given
from studyportal.registry.pauses import current_pause
from studyportal.sealing.sessions import token_hash
from studyportal.web.answering.forms import diary_form
from studyportal.web.answering.sent import read_form
from studyportal.web.answering.times import Times
from studyportal.web.assets import asset, unhashed
from studyportal.web.here import here

offline = Blueprint("offline", __name__)

# What the pages use, by the address that they use: with its content's name, or without where a script imports it.
_NAMED = ("bootstrap.css", "portal.css", "intake.css", "portal.js", "icon.svg", "keeping.js", "diary.js")
_IMPORTED = ("expressions.js", "kept.js", "offline.js", "saying.js", "sending.js")


@offline.get("/offline/today")
def today() -> str:
    """Today, as a phone without a network shows it; also what a phone keeps."""
    protocol = here().protocol
    return render_template("intake/offline_today.html", instruments=_asked(protocol), version=protocol.study.version)


@offline.get("/offline/diary/<name>")
def ask(name: str) -> str:
    """An empty form without an entry's id: the phone makes one for each entry."""
    protocol = here().protocol
    instrument = next((one for one in _asked(protocol) if one.name == name), None)
    if instrument is None:
        raise NotFound("There is no such page in the diary.")
    form = diary_form(instrument, None, language=protocol.language)
    return render_template(
        "intake/diary.html",
        instrument=instrument,
        form=form,
        hidden=dict.fromkeys(blank(zone="", follows="", version=""), "") | {VERSION_FIELD: protocol.study.version},
        due=None,
        is_late=False,
        dates=None,
        zone="",
        whose="",
        version=protocol.study.version,
        aid=aid_offline(instrument, protocol),
        is_kept_page=True,
        same=place(form, instrument, offered_offline(instrument)),
        taken_from=None,
    )


def _asked(protocol: Protocol) -> Sequence[Instrument]:
    return [one for one in protocol.instruments.values() if one.in_diary]


@offline.get("/offline/contents")
def contents() -> Response:
    """The addresses that a phone keeps, and one name for all of it: another name means that something has changed."""
    protocol = here().protocol
    pages = [url_for("offline.today"), *(url_for("offline.ask", name=one.name) for one in _asked(protocol))]
    files = [*map(asset, _NAMED), *map(unhashed, _IMPORTED)]
    known = [protocol.digest, protocol.language, version("studyportal"), *pages, *files, *map(asset, _IMPORTED)]
    name = hashlib.sha256("\n".join(known).encode()).hexdigest()[:16]
    return _json({"name": name, "addresses": [*pages, *files]})


@offline.get("/offline/due")
def due() -> Response:
    """What a phone asks for in the next four weeks, for the person who is signed in."""
    found, protocol, now = caller(), here().protocol, clock.now()
    start, zone = found.enrolled.started_on, found.enrolled.zone
    with reading("registry", enrolment=found.enrolment) as connection:
        given = occasions_given(connection, found.enrolment)
        pause = current_pause(connection, found.enrolment, now=now)
    takes = start is not None and not found.enrolled.has_stopped and not why_waiting(found.enrolled)
    return _json({
        "whose": name_of(found.enrolment),
        "takes_entries": takes,
        "zone": zone,
        "country": contacts_for(protocol.contacts, zone)[0],
        "due": due_ahead(protocol, given, start=start, zone=zone, now=now, pause=pause) if takes and start else [],
        "now": now.isoformat(),
    })  # fmt: skip


@offline.post("/offline/device")
def add() -> Response:
    """A token with which this browser sends what it kept, also when nobody is signed in any more."""
    device = add_own_device(caller(), now=clock.now())
    return _json({"token": device.token, "device": token_hash(device.token).hex()}, 201)


@offline.post("/api/forms/<name>")
def send(name: str) -> Response:
    """Take one form that a phone kept; 201 the first time, 200 with the same receipt when it comes again."""
    found, place, now = caller(), here(), clock.now()
    filled = read_filled(request.form, zone=found.enrolled.zone)
    instrument = _written_under(place.protocol, filled.version).instruments.get(name)
    if instrument is None or not instrument.in_diary:
        raise NotFound("The study has no such questions.")
    sent = read_form(instrument, filled.answered)
    kept = submit(
        filled.id,
        found.enrolled,
        name,
        sent.answers,
        missing=sent.missing,
        follows=filled.follows,
        version=filled.version,
        occasion=filled.occasion,
        times=Times(filled.zone, None, filled.saved_at),
        blind=filled.blind,
        protocol=place.protocol,
        signer=receipt_signer(),
        source="participant",
        check_times=True,
        waiting=why_waiting(found.enrolled),
        actor=Actor("intake", "device", str(found.enrolment)),
        now=now,
    )
    return Response(kept.receipt.to_json(), 201 if kept.created else 200, content_type="application/json")


def _written_under(protocol: Protocol, version: str | None) -> Protocol:
    try:
        return protocol.version(version) if version else protocol
    except NotFound as refusal:
        raise Invalid(refusal.sentence) from None


@offline.get("/manifest.webmanifest")
def manifest() -> Response:
    """What a phone wants to know to put the diary on its home screen. The name betrays nothing."""
    icon = {"src": unhashed("icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    return _json(
        {
            "name": gettext("Diary"),
            "short_name": gettext("Diary"),
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#0b5c63",
            "icons": [icon],
        },
        content_type="application/manifest+json",
    )


@offline.get("/worker.js")
def worker() -> Response:
    """The script that answers for this origin while there is no network; it must lie at the top to do so."""
    return current_app.view_functions["asset"](name="worker.js")


def _json(value: Mapping[str, object], status: int = 200, *, content_type: str = "application/json") -> Response:
    return Response(msgspec.json.encode(value), status, content_type=content_type)
