"""The JSON face: an app sends entries with a token that can send and nothing else."""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from studyportal.database import reading
from studyportal.intake.enrolment.sign_in import add_device, end_session
from studyportal.registry.tables import PARTICIPANT_SESSIONS, SEALED_ENTRIES
from studyportal.sealing.sessions import token_hash
from tests.intake.conftest import NOW, Browser, inside


def entry(**changes):
    sent = {
        "id": str(uuid4()),
        "instrument": "dose",
        "answers": {"substance": "lsd", "taken": "2026-03-02T20:10", "pain_before": 5, "tested": None},
        "blind": urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode(),
        "zone": "Europe/Berlin",
        "saved_at": NOW.isoformat(),
    }
    return {name: value for name, value in (sent | changes).items() if value is not ...}


@pytest.fixture
def sending(room):
    """(app, browser, token) of a participant whose phone may send."""
    study, app = room
    claimed = inside(app, study.participant)
    return app, Browser(app), inside(app, add_device, claimed.enrolment, claimed.root, now=NOW).token


def count(app):
    with app.app_context(), reading("registry") as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(SEALED_ENTRIES))


def test_an_entry_is_created_then_confirmed_with_the_same_bytes_then_refused_when_it_differs(sending):
    app, browser, token = sending
    sent = entry()

    first = browser.json("/api/entries", sent, token=token)
    again = browser.json("/api/entries", sent, token=token)
    other = browser.json("/api/entries", sent | {"answers": sent["answers"] | {"pain_before": 6}}, token=token)

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first.data == again.data
    assert first.json["receipt"]["entry"] == sent["id"]
    assert count(app) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "7"}, "id"),
        ({"id": ...}, "id"),
        ({"blind": "short"}, "blind"),
        ({"blind": "A" * 42 + "B"}, "blind"),
        ({"instrument": 7}, "instrument"),
        ({"answers": {"pain_before": [1]}}, "pain_before"),
        ({"answers": [1]}, "answers"),
        ({"answers": "SECRETANSWER"}, "answers"),
        ({"answers": ...}, "answers"),
        ({"missing": {"substance": "not_said"}}, "substance"),
        ({"missing": {"nothing_of_it": "SECRETANSWER"}}, "nothing_of_it"),
        ({"missing": ["substance"]}, "missing"),
        ({"follows": "7"}, "follows"),
        ({"follows": str(uuid4())}, "follows"),
        ({"protocol_version": "0.1"}, "protocol_version"),
        ({"protocol_version": 1}, "protocol_version"),
        ({"answers": {"substance": "lsd", "taken": "2026-03-02T20:10", "pain_before": 5.5}}, "pain_before"),
        ({"answers": {"substance": "SECRETANSWER", "taken": "2026-03-02T20:10"}}, "substance"),
        ({"saved_at": "2026-03-02T20:30:00"}, "saved_at"),
        ({"occasion": 1}, "occasion"),
        ({"mood": "SECRETANSWER"}, "mood"),
    ],
)
def test_an_unfit_entry_is_refused_with_its_field_and_nothing_of_what_was_sent(sending, change, field):
    app, browser, token = sending

    refused = browser.json("/api/entries", entry(**change), token=token)

    assert refused.status_code == 422
    assert field in refused.json["problems"]
    assert "SECRETANSWER" not in refused.text
    assert count(app) == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"id": NaN}', b"[" * 100_000])
def test_what_is_no_entry_at_all_is_refused(sending, body):
    app, browser, token = sending

    refused = browser.json("/api/entries", body, token=token)

    assert refused.status_code == 422
    assert count(app) == 0


def test_a_flood_is_refused(sending):
    app, browser, token = sending

    refused = browser.json("/api/entries", entry(answers={"note": "x" * 300_000}), token=token)

    assert refused.status_code in (413, 422)
    assert count(app) == 0


@pytest.mark.parametrize("token", [None, "", "x", "x" * 43, "\u00e9" * 10, "x" * 5000])
def test_nobody_sends_nothing(sending, token):
    app, browser, _ = sending

    assert browser.json("/api/entries", entry(), token=token).status_code == 401
    assert count(app) == 0


def test_a_device_can_read_nothing(sending):
    app, _browser, token = sending

    for page in ("/course", "/download", "/consent", "/sessions", "/leave"):
        answer = app.test_client().get(
            page, base_url="http://localhost:8000", headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 403


def test_a_devices_token_is_no_cookie_and_a_session_no_bearer(room):
    study, app = room
    claimed = inside(app, study.participant)
    browser = Browser(app)
    browser.sign_in(claimed)
    session = browser.client.get_cookie("__Host-intake", domain="localhost").value
    device = inside(app, add_device, claimed.enrolment, claimed.root, now=NOW).token

    browser.client.set_cookie("__Host-intake", device, domain="localhost")

    assert browser.get("/course").status_code == 401
    assert browser.json("/api/entries", entry(), token=session).status_code == 401


def test_an_ended_and_an_expired_device_is_dead_at_once(room):
    study, app = room
    claimed = inside(app, study.participant)
    browser, device = Browser(app), inside(app, add_device, claimed.enrolment, claimed.root, now=NOW)
    assert browser.json("/api/entries", entry(), token=device.token).status_code == 201

    inside(app, end_session, claimed.enrolment, token_hash(device.token), now=NOW)
    assert browser.json("/api/entries", entry(), token=device.token).status_code == 401

    fresh = inside(app, add_device, claimed.enrolment, claimed.root, now=NOW)
    app.clock = NOW + timedelta(days=365)
    assert browser.json("/api/entries", entry(), token=fresh.token).status_code == 401


def test_a_device_is_added_with_code_and_words_and_its_entries_write_no_session_row(room):
    study, app = room
    claimed, browser = inside(app, study.participant), Browser(app)

    made = browser.json("/api/devices", {"code": claimed.participant_code, "passphrase": claimed.passphrase})
    app.clock = NOW + timedelta(hours=5)
    sent = browser.json("/api/entries", entry(), token=made.json["token"])
    own = app.test_client().get(
        "/api/enrolment", base_url="http://localhost:8000", headers={"Authorization": f"Bearer {made.json['token']}"}
    )

    assert (made.status_code, sent.status_code) == (201, 201)
    assert own.json["started_on"] == "2026-03-02"
    assert own.json["takes_entries"] is True
    with app.app_context(), reading("registry") as connection:
        assert connection.scalar(sa.select(PARTICIPANT_SESSIONS.c.last_seen_at)) == NOW


def test_wrong_words_and_unknown_codes_get_the_same_answer_and_too_many_are_stopped(room):
    study, app = room
    claimed, browser = inside(app, study.participant), Browser(app)

    wrong = browser.json("/api/devices", {"code": claimed.participant_code, "passphrase": "a b c d e f"})
    unknown = browser.json("/api/devices", {"code": "NS-0000-0000", "passphrase": "a b c d e f"})
    many = [
        browser.json("/api/devices", {"code": claimed.participant_code, "passphrase": claimed.passphrase + "x"})
        for _ in range(10)
    ]

    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert wrong.json["refusal"] == unknown.json["refusal"]
    assert many[-1].status_code == 429
    assert int(many[-1].headers["Retry-After"]) > 0


def test_an_app_reads_the_protocol(sending):
    _, browser, _ = sending

    assert browser.get("/api/protocol").text.startswith("# Microdosing")


def test_the_log_holds_no_answer_and_no_code(sending, tmp_path):
    _, browser, token = sending
    browser.json(
        "/api/entries",
        entry(answers={"substance": "other", "taken": "2026-03-02T20:10", "own_words": "CANARY"}),
        token=token,
    )
    browser.json("/api/entries", entry(answers={"substance": "CANARY"}), token=token)

    log = (tmp_path / "intake.log").read_text()

    assert len([json.loads(line) for line in log.splitlines()]) == 2
    assert "CANARY" not in log
    assert token not in log


def test_an_app_can_compute_the_commitment_and_check_the_signature_as_documented(room):
    study, app = room
    claimed, browser = inside(app, study.participant), Browser(app)
    token = inside(app, add_device, claimed.enrolment, claimed.root, now=NOW).token
    sent = entry(saved_at="2026-03-02T20:29:00+01:00")
    sealed = {
        "answers": {"pain_before": 5, "substance": "lsd", "taken": "2026-03-02T20:10+01:00[Europe/Berlin]"},
        "diary_date": "2026-03-02",
        "instrument": "dose",
        "protocol_version": "1.0",
        "saved_at": sent["saved_at"],
        "source": "participant",
        "zone": "Europe/Berlin",
    }

    answer = browser.json("/api/entries", sent, token=token).json

    body = json.dumps(sealed, separators=(",", ":"), sort_keys=True).encode()
    blind = urlsafe_b64decode(sent["blind"] + "=")
    commitment = sha256(framed(b"studyportal commitment 1", blind, body)).digest()
    assert urlsafe_b64decode(answer["receipt"]["commitment"] + "=") == commitment
    signed = json.dumps(answer["receipt"], separators=(",", ":"), sort_keys=True).encode()
    signature = urlsafe_b64decode(answer["signature"] + "==")
    key = Ed25519PublicKey.from_public_bytes(study.signer.public)
    key.verify(signature, framed(b"studyportal signature 1", b"studyportal receipt", signed))


def framed(*parts):
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
