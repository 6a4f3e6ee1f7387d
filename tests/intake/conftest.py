"""The cast: a custodian who holds the keys, a site, and participants who have claimed a code and consented."""

import json
import re
import secrets
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from studyportal import clock
from studyportal.database import reading, writing
from studyportal.intake.app import create_app
from studyportal.intake.consent.actions import give_consent
from studyportal.intake.enrolment.actions import Claimed, claim
from studyportal.intake.enrolment.sessions import Enrolled
from studyportal.intake.settings import IntakeSettings
from studyportal.keyring.transport_keys import LABEL, replace_transport_key
from studyportal.protocol import SHIPPED, Protocol, load_protocol
from studyportal.protocol.agreeing import texts_now
from studyportal.protocol.versions import in_every_language
from studyportal.registry.codes import code_hash, new_enrolment_code
from studyportal.registry.consent_forms import begin_with
from studyportal.registry.enrolments import enrolment, public_key
from studyportal.registry.tables import ENROLMENT_CODES, SITES
from studyportal.sealing import Pair, new_pair
from studyportal.sealing.signatures import Signer, public_of, sign
from tests.intake.every_kind import DOCUMENT

NOW = datetime(2026, 3, 2, 19, 30, tzinfo=UTC)  # a Monday evening, 20:30 in Berlin
ZONE = "Europe/Berlin"


@dataclass
class Custodian:
    """Who holds the keys: a signing key, and the transport pair that seeds are sealed to."""

    signing: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    transport: Pair = field(default_factory=new_pair)

    @property
    def public(self) -> bytes:
        return public_of(self.signing)

    def publish_transport_key(self, *, now: datetime = NOW) -> None:
        with writing("keyring") as connection:
            signature = sign(LABEL, self.transport.public.raw, key=self.signing)
            replace_transport_key(connection, self.transport.public, signature, now=now)


@dataclass
class Study:
    """A study that is open: its protocol, its custodian, its receipt key and a site."""

    protocol: Protocol
    custodian: Custodian
    signer: Signer

    def issue_code(self, *, expires_at: datetime = NOW + timedelta(days=30)) -> str:
        code = new_enrolment_code(secrets)
        row = {
            "code_hash": code_hash(code),
            "site": "NS",
            "issued_at": NOW - timedelta(days=1),
            "issued_by": "custodian",
            "expires_at": expires_at,
        }
        with writing("registry") as connection:
            connection.execute(sa.insert(ENROLMENT_CODES), row)
        return code

    def claim(self, *, now: datetime = NOW) -> Claimed:
        return claim(
            self.issue_code(),
            zone=ZONE,
            study=self.protocol.study.code,
            custody_public_key=self.custodian.public,
            now=now,
        )

    def participant(self, *, now: datetime = NOW, scopes: tuple[str, ...] = ("study", "sharing")) -> Claimed:
        """Somebody who has claimed a code and consented."""
        claimed = self.claim(now=now)
        give_consent(
            claimed.enrolment,
            self.protocol.consent,
            scopes,
            study=self.protocol.study.code,
            zone=ZONE,
            consent_key=claimed.root.consent_key,
            now=now,
        )
        return claimed

    def enrolled(self, claimed: Claimed, *, has_stopped: bool = False) -> Enrolled:
        with reading("registry", enrolment=claimed.enrolment) as connection:
            row = enrolment(connection, claimed.enrolment)
            key = public_key(connection, claimed.enrolment, "diary")
        return Enrolled(row.id, row.zone, row.started_on, key.raw, has_stopped)


@pytest.fixture(scope="session")
def protocol() -> Protocol:
    return load_protocol(SHIPPED)


@pytest.fixture
def study(building, protocol) -> Study:
    """An open study on a fresh database of each kind, inside an app context."""
    return open_study(protocol)


def open_study(protocol: Protocol, custodian: Custodian | None = None, signer: Signer | None = None) -> Study:
    found = Study(protocol, custodian or Custodian(), signer or Signer(secrets.token_bytes(32)))
    found.custodian.publish_transport_key()
    with writing("registry") as connection:
        begin_with(connection, protocol.consent.version, texts_now(in_every_language(protocol)), now=NOW)
        connection.execute(sa.insert(SITES), {"id": "NS", "name": "Northside", "created_at": NOW})
    return found


class Browser:
    """A participant's browser (or nobody's): keeps cookies, sends forms with their token, from our own origin."""

    def __init__(self, app):
        self.client = app.test_client()
        self.origin = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}

    def get(self, path, **rest):
        return self.client.get(path, base_url=ORIGIN, **rest)

    def post(self, path, data, *, page=None, **rest):
        """Send a form; its token comes from `page`, or from the page at the same address."""
        source = page if page is not None else self.get(path).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', source)[1]
        sent = {"csrf_token": token, **data}
        return self.client.post(path, base_url=ORIGIN, data=sent, headers=self.origin, **rest)

    def json(self, path, body, *, token=None):
        """Send JSON as an app does: no cookies."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        client = self.client.application.test_client(use_cookies=False)
        return client.post(path, base_url=ORIGIN, data=raw, content_type="application/json", headers=headers)

    def sign_in(self, claimed):
        words = {"code": claimed.participant_code, "passphrase": claimed.passphrase}
        return self.post("/sign-in", words)


def hidden(page):
    """The hidden fields of a diary page."""
    return dict(re.findall(r'type="hidden" name="(entry-[a-z]+)" value="([^"]*)"', page))


ORIGIN = "http://localhost:8000"


def intake_app(databases, custodian, seed, log, document=SHIPPED):
    """The intake room over these databases."""
    return create_app(
        IntakeSettings.read(
            {
                "port": 8000,
                "origin": ORIGIN,
                "secret_key": b64encode(secrets.token_bytes(32)).decode(),
                "databases": {bind: databases[bind] for bind in ("registry", "keyring")},
                "protocol": document,
                "synthetic": True,
                "workers": 1,
                "threads": 1,
                "log": str(log),
                "receipt_key": b64encode(seed).decode(),
                "custody_public_key": b64encode(custodian.public).decode(),
            }
        )
    )


@pytest.fixture
def room(sqlite_databases, tmp_path, monkeypatch):
    """The intake room over an open study, at a fixed moment: (study, app). `app.clock` may be set."""
    return open_room(sqlite_databases, tmp_path, monkeypatch, SHIPPED)


@pytest.fixture
def every_kind(sqlite_databases, tmp_path, monkeypatch):
    """The same for the study that asks one question of every kind."""
    document = tmp_path / "every-kind.yaml"
    document.write_text(DOCUMENT, encoding="utf-8")
    return open_room(sqlite_databases, tmp_path, monkeypatch, document)


def open_room(databases, folder, monkeypatch, document):
    custodian, seed = Custodian(), secrets.token_bytes(32)
    app = intake_app(databases, custodian, seed, folder / "intake.log", document)
    app.clock = NOW
    monkeypatch.setattr(clock, "now", lambda: app.clock)
    with app.app_context():
        study = open_study(load_protocol(document), custodian, Signer(seed))
    # Not inside an app context of its own: `g` must be fresh in every request.
    return study, app


def inside(app, call, *arguments, **named):
    """Call an action inside the room."""
    with app.app_context():
        return call(*arguments, **named)
