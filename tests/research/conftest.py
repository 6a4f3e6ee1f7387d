"""The research room as it runs: a published snapshot on a shelf, a workbench, a researcher with an approval."""

import base64
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pyarrow as pa
import pytest
from flask import Flask
from flask.testing import FlaskClient

from studyportal import clock
from studyportal.audit import Actor
from studyportal.database import writing
from studyportal.protocol.offering import questions
from studyportal.research.app import create_app
from studyportal.research.settings import ResearchSettings
from studyportal.sealing.signatures import public_of, sign
from studyportal.snapshots.documents import ConsentLine, ConsentRecords
from studyportal.snapshots.writing import ShelfKeys, write_codes, write_withdrawals
from studyportal.web.sign_in.actions import add_account
from studyportal.web.sign_in.sessions import start_session
from studyportal.workbench.agreements import CURRENT, agreement, sign_agreement
from studyportal.workbench.applications import Wanted, add_application
from studyportal.workbench.grants import LABEL, GrantDocument, add_grant, encode
from tests.research.study import NOW, PROTOCOL, RELEASED, hand_made
from tests.snapshots.whole import write_snapshot

ORIGIN = "http://localhost:8003"
CONSENTS = ConsentRecords(
    1,
    3,
    [
        ConsentLine("arrival", "looked", "", [15, 330, 685]),
        ConsentLine("version", "1.0", "", [None, 300, 600]),
        ConsentLine("scope", "sharing", "", [None, 290, 600]),
        ConsentLine("withdrawal", "sharing", "remove", [None, None, 15]),
        ConsentLine("withdrawal", "sharing", "erase", [None, None, None]),
    ],
)
COMMAND = Actor("research", "command", "test")


@dataclass(frozen=True)
class Custody:
    """What custody does on the other side of the wall, as far as research sees it."""

    shelf: Path
    seed: bytes
    keys: ShelfKeys

    def publish(self, number: int, *, people: int = 600, seed: int = 1) -> None:
        made = hand_made(people, seed=seed)
        write_snapshot(
            self.shelf, number, protocol=RELEASED, protocol_digest="0" * 64, subjects=made.subjects,
            instruments=made.tables, consents=CONSENTS, keys=self.keys, now=NOW,
        )  # fmt: skip
        self.withdraw(frozenset())

    def withdraw(self, indices: frozenset[int]) -> None:
        write_withdrawals(self.shelf, indices, sequence=1, keys=self.keys, now=NOW)

    def give_codes(self, project: str, *, people: int = 600) -> None:
        index = hand_made(people).subjects.column("index")
        codes = [f"S{secrets.token_hex(8).upper()}" for _ in range(len(index))]
        write_codes(self.shelf, project, pa.table({"index": index, "code": codes}), keys=self.keys)

    def grant(
        self,
        account: UUID,
        project: str,
        *,
        seed: bytes | None = None,
        study: str = "RT-1",
        days: float = 90,
        items: Collection[str] | None = None,
        level: str = "records",
        signed: bool = True,
    ) -> UUID:
        """Approve an account for these questions (None: all); with another `seed` somebody else than custody does."""
        known, text = questions(RELEASED), agreement(CURRENT)
        application, now = uuid4(), clock.now()
        document = GrantDocument(
            grant=uuid4(), study=study, project=project, account=account, application=application, title="Sore backs",
            purpose="Learn how backs fare.", issued_at=now, expires_at=now + timedelta(days=days),
            items=tuple(known if items is None else items), level=level, agreement=text.version,
            agreement_sha256=text.sha256.hex(),
        )  # fmt: skip
        wanted = Wanted(
            title="Sore backs", purpose="Learn how backs fare.", plan="By week.", ethics_reference="EC 12",
            items=document.items, level=level, wanted_until=document.expires_at.date(),
        )  # fmt: skip
        with writing("workbench") as connection:
            add_application(connection, application, wanted, account=account, now=now)
            add_grant(connection, document, sign(LABEL, encode(document).encode(), key=seed or self.seed))
            if signed:
                sign_agreement(connection, document, signed_name="Rosa Researcher", now=now)
        return document.grant


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


@pytest.fixture(autouse=True)
def _answers_leave_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studyportal.research.access.project.STEP", 0)


@pytest.fixture
def custody(tmp_path: Path) -> Custody:
    seed = secrets.token_bytes(32)
    keys = ShelfKeys(study="RT-1", signing_key=seed, snapshot_key=secrets.token_bytes(32))
    return Custody(tmp_path / "shelf", seed, keys)


@pytest.fixture
def settings(custody: Custody, sqlite_databases: Mapping[str, str], tmp_path: Path) -> ResearchSettings:
    protocol = tmp_path / "rt-1.yaml"
    protocol.write_text(PROTOCOL)
    export = secrets.token_bytes(32)
    return ResearchSettings.read(
        {
            "port": 8003,
            "origin": ORIGIN,
            "secret_key": _text(secrets.token_bytes(32)),
            "databases": {"workbench": sqlite_databases["workbench"]},
            "protocol": protocol,
            "synthetic": True,
            "workers": 1,
            "threads": 2,
            "log": str(tmp_path / "research.log"),
            "shelf": custody.shelf,
            "releases": tmp_path / "releases",
            "snapshot_key": _text(custody.keys.snapshot_key),
            "noise_secret": _text(secrets.token_bytes(32)),
            "export_key": _text(export),
            "export_certificate": _text(sign("studyportal export key", public_of(export), key=custody.seed)),
            "custody_public_key": _text(public_of(custody.seed)),
        }
    )


@pytest.fixture
def room(settings: ResearchSettings) -> Flask:
    return create_app(settings)


@dataclass(frozen=True)
class Researcher:
    """Somebody signed in; `get` and `post` as a browser sends them."""

    id: UUID
    client: FlaskClient

    def get(self, address: str, *, follow_redirects: bool = False):  # type: ignore[no-untyped-def]
        headers = {"Accept": "text/html"}
        return self.client.get(address, base_url=ORIGIN, headers=headers, follow_redirects=follow_redirects)

    def open(self, address: str):  # type: ignore[no-untyped-def]
        """Open the results that the address of a cohort page asks for, and see the page."""
        self.post(address.replace("/cohort?", "/cohort/open?"), {})
        return self.get(address)

    def post(self, address: str, form: Mapping[str, object]):  # type: ignore[no-untyped-def]
        page = self.get("/ask").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
        return self.client.post(address, base_url=ORIGIN, headers=headers, data={**form, "csrf_token": token})


@pytest.fixture
def newcomer(room: Flask) -> Callable[[str], Researcher]:
    """Make another researcher, signed in."""

    def make(name: str, *, role: str = "researcher") -> Researcher:
        now = datetime.now(UTC)
        with room.app_context(), writing("workbench") as connection:
            account = add_account(
                connection, "workbench", name=name, role=role, site=None, passphrase=secrets.token_urlsafe(24),
                own_words=[], actor=COMMAND, now=now,
            )  # fmt: skip
            token = start_session(connection, "workbench", account, how="totp", now=now)
        client = room.test_client()
        client.set_cookie("__Host-research", token, domain="localhost", secure=True)
        return Researcher(account, client)

    return make


@pytest.fixture
def researcher(room: Flask, custody: Custody, newcomer: Callable[[str], Researcher]) -> Researcher:
    """Approved for project P-1, with snapshot 1 on the shelf and subject codes for it."""
    found = newcomer("Rosa Researcher")
    custody.publish(1)
    custody.give_codes("P-1")
    with room.app_context():
        custody.grant(found.id, "P-1")
    return found
