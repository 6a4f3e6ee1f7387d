"""A small room to knock at: a clinic with pages of every rule, and staff who sign in."""

import base64
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Blueprint, Flask, jsonify, render_template_string, request
from flask.testing import FlaskClient

from studyportal import clock, errors
from studyportal.audit import Actor
from studyportal.database import db, reading, writing
from studyportal.web.access_table import public, rule, staff_pages
from studyportal.web.here import here
from studyportal.web.room import make_room
from studyportal.web.settings import RoomSettings
from studyportal.web.sign_in import passphrases
from studyportal.web.sign_in.accounts import normalised_name
from studyportal.web.sign_in.actions import add_account
from studyportal.web.sign_in.door import Door
from studyportal.web.sign_in.passkeys import Party
from studyportal.web.sign_in.views import sign_in_pages, staff_visitor
from tests.factors import Factors, give_factors

BIND = "registry"
ORIGIN = "http://localhost:8001"
NOW = datetime(2026, 3, 3, 8, 10, tzinfo=UTC)
PASSPHRASE = "marble-cactus-violin-harbor"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
# What the staff of a test carry, by normalised name; a later test's "Ada" replaces a former one's.
FACTORS: dict[str, Factors] = {}
CANARY = "canary-7f3a9c"
COMMAND = Actor("clinic", "command", "test")

PROTOCOL = SimpleNamespace(
    language="en", study=SimpleNamespace(code="MCP-1", title="Microdosing and chronic pain", version="1.2")
)


class Clock:
    """A clock that stands still until somebody waits."""

    def __init__(self) -> None:
        self.time = NOW

    def wait(self, **span: float) -> None:
        self.time += timedelta(**span)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    standing = Clock()
    monkeypatch.setattr(clock, "now", lambda: standing.time)
    return standing


def settings_with(**other: Any) -> RoomSettings:
    """Settings under which a room starts, but for `other`."""
    raw = {
        "port": 8001,
        "origin": ORIGIN,
        "secret_key": base64.b64encode(secrets.token_bytes(32)).decode(),
        "databases": {BIND: "sqlite:////nowhere/registry.sqlite"},
        "protocol": "study.yaml",
        "synthetic": True,
        "workers": 1,
        "threads": 1,
        "log": "-",
    }
    return RoomSettings.read(raw | other)


EVERY_ROLE = "administrator auditor clinician coordinator custodian researcher"
RULES = {
    **staff_pages(EVERY_ROLE),
    "desk.anybody": public("look"),
    "desk.audit": rule("auditor", "the study's", "read the trail"),
    "desk.crash": public("fail"),
    "desk.echo": public("be heard"),
    "desk.entries": public("send"),
    "desk.home": rule("clinician coordinator", "own site's", "begin the day"),
    "desk.refuse": public("be refused"),
    "desk.sign": rule("clinician", "own site's", "sign their report", fresh=True),
}


def pages() -> Blueprint:
    """One page for every rule and every way to fail."""
    room = Blueprint("desk", __name__)

    @room.route("/", methods=["GET", "POST"])
    def home() -> str:
        return render_template_string('{% extends "room.html" %}')

    @room.get("/open")
    def anybody() -> str:
        return render_template_string('{% extends "room.html" %}')

    @room.get("/audit")
    def audit() -> str:
        return "trail"

    @room.route("/sign", methods=["GET", "POST"])
    def sign() -> Any:
        return jsonify([request.args.to_dict(flat=False), request.form.to_dict(flat=False)])

    @room.route("/echo", methods=["GET", "POST"])
    def echo() -> Any:
        return jsonify(len(request.get_data()))

    @room.post("/api/entries")
    def entries() -> Any:
        return jsonify(request.get_json())

    @room.get("/refuse/<kind>")
    def refuse(kind: str) -> str:
        if kind == "TooMany":
            raise errors.TooMany("Too many tries.", retry_after=60)
        raise getattr(errors, kind)("A sentence for a person.")

    @room.get("/api/crash/<word>")
    @room.get("/crash/<word>")
    def crash(word: str) -> str:
        raise ValueError(f"unexpected {word}")

    return room


@dataclass
class Room:
    """The room, and what it wrote to its log."""

    app: Flask
    log: Path

    def client(self) -> FlaskClient:
        return self.app.test_client()

    def lines(self) -> list[Mapping[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@pytest.fixture
def make(tmp_path: Path, databases: Mapping[str, str]) -> Iterator[Callable[..., Room]]:
    """Make the room, with other settings if wanted."""
    made: list[Flask] = []

    def build(**other: Any) -> Room:
        log = tmp_path / "room.log"
        settings = settings_with(**{"databases": {BIND: databases[BIND]}, "log": str(log)} | other)
        app = make_room(
            "clinic",
            settings,
            PROTOCOL,
            [pages(), sign_in_pages(BIND, home="desk.home")],
            visitor_of=staff_visitor(BIND),
            rules=RULES,
            nav=[("desk.home", "Today"), ("desk.audit", "Trail"), ("desk.anybody", "About")],
        )
        made.append(app)
        return Room(app, log)

    yield build
    for app in made:
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose()


@pytest.fixture
def databases(sqlite_databases: Mapping[str, str]) -> Mapping[str, str]:
    """SQLite is enough for what is not about the database; `test_limiter` and `test_sessions` run on both."""
    return sqlite_databases


REAL_HASHER = passphrases._HASHER


@pytest.fixture(autouse=True)
def light_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passphrases are hashed with little work: every one of these tests signs somebody in. How much work there is in
    earnest is for tests/web/test_passphrases.py and for the test that brings REAL_HASHER back."""
    monkeypatch.setattr(passphrases, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
def room(make: Callable[..., Room]) -> Room:
    return make()


def hire(room: Room, *, name: str = "Dr Ada Lindqvist", role: str = "clinician") -> Any:
    """A new member of staff; their id."""
    with room.app.app_context(), writing(BIND) as connection:
        account = add_account(
            connection,
            BIND,
            name=name,
            role=role,
            site="NS",
            passphrase=PASSPHRASE,
            own_words=[PROTOCOL.study.title],
            actor=COMMAND,
            now=NOW,
        )
    with room.app.app_context():
        FACTORS[normalised_name(name)] = give_factors(
            BIND, account, room_key=here(room.app).settings.secret_key, now=NOW
        )
    return account


def door(room: Room, *, address: str | None = "192.0.2.1") -> Door:
    """The door of this room, for what happens without pages."""
    settings = here(room.app).settings
    return Door(BIND, "clinic", settings.secret_key, Party(settings.host, settings.origin), address)


def at_second_step(room: Room, client: FlaskClient, *, name: str = "Dr Ada Lindqvist") -> Any:
    """Name and passphrase are given; the second page is shown."""
    assert send(client, "/sign-in", name=name, passphrase=PASSPHRASE).status_code == 303
    return client.get("/sign-in/second")


def factors_of(name: str = "Dr Ada Lindqvist") -> Factors:
    """What this person carries."""
    return _factors_of(name)


def rows(room: Room, table: sa.Table) -> list[sa.Row]:
    with room.app.app_context(), reading(BIND) as connection:
        return list(connection.execute(sa.select(table)))


def _factors_of(name: str) -> Factors:
    return FACTORS[normalised_name(name)]


def form_token(client: FlaskClient, path: str = "/sign-in") -> str:
    """The token of the form at `path`."""
    return client.get(path).get_data(as_text=True).split('name="csrf_token" value="')[1].split('"')[0]


def send(client: FlaskClient, path: str, *, token_from: str = "/sign-in", **fields: str) -> Any:
    """Send a form as a browser does."""
    token = form_token(client, token_from)
    return client.post(path, data={"csrf_token": token, **fields}, headers=SAME_ORIGIN)


def sign_in(
    client: FlaskClient, *, name: str = "Dr Ada Lindqvist", passphrase: str = PASSPHRASE, token_from: str = "/sign-in"
) -> Any:
    """Through the first step, and the second if the first let through; the last answer."""
    answer = send(client, "/sign-in", token_from=token_from, name=name, passphrase=passphrase)
    if answer.status_code != 303:
        return answer
    return send(client, "/sign-in/second", token_from="/sign-in/second", code=_factors_of(name).next_code())


def cookie(client: FlaskClient) -> str | None:
    """The sign-in cookie that the browser holds."""
    found = client.get_cookie("__Host-clinic")
    return found.value if found else None
