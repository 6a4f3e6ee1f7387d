"""The cast: a custodian who holds the keys, a site, and participants who have claimed a code and consented."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from studyportal.database import reading, writing
from studyportal.intake.consent.actions import give_consent
from studyportal.intake.enrolment.actions import Claimed, claim
from studyportal.intake.enrolment.sessions import Enrolled
from studyportal.keyring.transport_keys import LABEL, replace_transport_key
from studyportal.protocol import SHIPPED, Protocol, load_protocol
from studyportal.registry.codes import code_hash, new_enrolment_code
from studyportal.registry.enrolments import enrolment, public_key
from studyportal.registry.tables import ENROLMENT_CODES, SITES
from studyportal.sealing import Pair, new_pair
from studyportal.sealing.signatures import Signer, public_of, sign

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


def open_study(protocol: Protocol) -> Study:
    found = Study(protocol, Custodian(), Signer(secrets.token_bytes(32)))
    found.custodian.publish_transport_key()
    with writing("registry") as connection:
        connection.execute(sa.insert(SITES), {"id": "NS", "name": "Northside", "created_at": NOW})
    return found
