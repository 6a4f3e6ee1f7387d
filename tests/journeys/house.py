"""A whole building for a test: an instance as `studyportal init` makes it, its four applications, its commands.

Each room has its own binds, settings file and, on PostgreSQL, its own role with the grants of deploy/. Nothing is
replaced: browsers are Flask's test clients, everything behind them is the product.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from html import unescape
from pathlib import Path

from click.testing import CliRunner
from flask import Flask
from werkzeug.test import TestResponse

from studyportal.audit import Actor
from studyportal.clinic.desk import install_desk
from studyportal.custody.desk_service.app import asked_directly
from studyportal.database import BINDS, db, writing
from studyportal.portal.command_line import building
from studyportal.portal.commands.staff import HOME
from studyportal.portal.composing import create_app, handlers
from studyportal.portal.inside import inside
from studyportal.portal.leasing import work_once
from studyportal.portal.making import SQLITE, Wanted, make_instance
from studyportal.portal.rooms import ROOMS
from studyportal.portal.settings import read_settings
from studyportal.protocol import SHIPPED
from studyportal.sealing.passphrase import generate_passphrase
from studyportal.web.here import here
from studyportal.web.sign_in.actions import add_account
from tests.factors import Factors, give_factors
from tests.postgresql import Server


class Browser:
    """Somebody's browser at one room: it keeps cookies, sends what browsers send, and fills in the hidden fields."""

    def __init__(self, app: Flask) -> None:
        self._origin = here(app).settings.origin
        self._client = app.test_client()
        self.page = ""

    def get(self, path: str, *, status: int = 200) -> TestResponse:
        headers = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
        return self._answered(self._client.get(path, base_url=self._origin, headers=headers), status)

    def post(self, path: str, *, status: int = 303, **fields: object) -> TestResponse:
        """Send the form of the page shown: its hidden fields and these."""
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": self._origin}
        data = hidden_fields(self.page) | {name.replace("__", "-"): value for name, value in fields.items()}
        return self._answered(self._client.post(path, base_url=self._origin, data=data, headers=headers), status)

    def follow(self, answer: TestResponse) -> TestResponse:
        return self.get(answer.headers["Location"])

    def send(self, method: str, path: str, body: object, *, token: str | None = None) -> TestResponse:
        """Talk JSON as an app does, without cookies."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        client = self._client.application.test_client(use_cookies=False)
        return client.open(path, method=method, base_url=self._origin, json=body, headers=headers)

    def _answered(self, answer: TestResponse, status: int) -> TestResponse:
        if answer.mimetype == "text/html":
            self.page = answer.get_data(as_text=True)
        assert answer.status_code == status, f"{answer.status_code}: {readable(self.page)[:1500]}"
        return answer


def hidden_fields(page: str) -> dict[str, str]:
    """The hidden inputs of a page."""
    inputs = [dict(re.findall(r'([\w-]+)="([^"]*)"', tag)) for tag in re.findall(r"<input[^>]*>", page)]
    return {one["name"]: unescape(one.get("value", "")) for one in inputs if one.get("type") == "hidden"}


def readable(page: str) -> str:
    """A page's text without its markup."""
    return " ".join(unescape(re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)).split())


class House:
    """An instance in a folder."""

    def __init__(self, folder: Path, *, database_url: str = SQLITE, document: str | None = None) -> None:
        self.folder = folder
        wanted = Wanted(folder, document or SHIPPED.read_text(encoding="utf-8"), "protocol.yaml", False, database_url)
        self.protocol = make_instance(wanted, now=datetime.now(UTC))
        self.factors: dict[str, Factors] = {}
        self.passphrases: dict[str, str] = {}

    @cached_property
    def rooms(self) -> Mapping[str, Flask]:
        settings = {room: read_settings(room, self.folder) for room in ROOMS}
        rooms = {room: create_app(room, settings[room]) for room in ROOMS}
        # The reading desk without its socket: the clinic's questions as bytes, answered by custody in this process.
        install_desk(rooms["clinic"], asked_directly(rooms["custody"], settings["custody"]))
        return rooms

    def browser(self, room: str) -> Browser:
        return Browser(self.rooms[room])

    def run(self, *command: str, fails: bool = False) -> str:
        """Run a `studyportal` command; what it printed."""
        done = CliRunner().invoke(building, [*command, "--instance", str(self.folder)])
        assert (done.exit_code != 0) is fails, f"{command}: {done.output} {done.exception!r}"
        return done.output

    def account(self, name: str, role: str, *more: str) -> str:
        """Make a staff account with second factors, kept in `factors`; its passphrase. `more` may be "--site", "NS"."""
        (room, bind), passphrase, now = HOME[role], generate_passphrase(), datetime.now(UTC)
        about = {"name": name, "role": role, "site": dict(zip(more[::2], more[1::2], strict=True)).get("--site")}
        with inside("custody", self.folder), writing(bind) as connection:
            actor = Actor("custody", "command", "test")
            account = add_account(connection, bind, **about, passphrase=passphrase, own_words=(), actor=actor, now=now)
        with inside(room, self.folder) as settings:
            self.factors[name] = give_factors(bind, account, room_key=settings.secret_key, now=now)
        self.passphrases[name] = passphrase
        return passphrase

    def staff(self, room: str, name: str, role: str, *more: str) -> Browser:
        """Make an account and sign it in."""
        return self.signed_in(room, name, self.account(name, role, *more))

    def signed_in(self, room: str, name: str, passphrase: str) -> Browser:
        """The browser of somebody who has an account."""
        browser = self.browser(room)
        browser.get("/sign-in")
        browser.follow(browser.post("/sign-in", name=name, passphrase=passphrase))
        browser.post("/sign-in/second", code=self.factors[name].next_code())
        return browser

    def work(self) -> None:
        """Let the workers of custody and of research do everything that waits."""
        for room, bind in (("custody", "registry"), ("research", "workbench")):
            with inside(room, self.folder) as settings:
                said: list[str] = []
                doing = handlers(room)
                while work_once(settings, doing=doing, say=said.append, now=datetime.now(UTC), bind=bind):
                    assert not said, said

    def close(self) -> None:
        for app in self.rooms.values():
            with app.app_context():
                for engine in db.engines.values():
                    engine.dispose()


@contextmanager
def on_sqlite(folder: Path, *, document: str | None = None) -> Iterator[House]:
    """A house on SQLite files."""
    house = House(folder, document=document)
    yield house
    house.close()


@contextmanager
def on_postgresql(folder: Path, server: Server, *, document: str | None = None) -> Iterator[House]:
    """A house on PostgreSQL, every room under its own role with exactly the grants of deploy/."""
    for name in ("owner", *ROOMS):
        _run_unless_there(server, f"CREATE ROLE studyportal_{name} LOGIN")
    for bind in BINDS:
        server.run(f"DROP DATABASE IF EXISTS studyportal_{bind} WITH (FORCE)")
        server.run(f"CREATE DATABASE studyportal_{bind} OWNER studyportal_owner")
    template = server.url("studyportal_{bind}", user="studyportal_{room}")
    house = House(folder, database_url=template, document=document)
    house.run("database", "grants", "--owner-url", template.replace("{room}", "owner"))
    yield house
    house.close()
    for bind in BINDS:
        server.drop(f"studyportal_{bind}")


def _run_unless_there(server: Server, statement: str) -> None:
    server.run(f"DO $$ BEGIN {statement}; EXCEPTION WHEN duplicate_object THEN NULL; END $$")


def lines(text: str) -> Sequence[str]:
    """The lines of a command's answer, without blanks."""
    return [line.strip() for line in text.splitlines() if line.strip()]
