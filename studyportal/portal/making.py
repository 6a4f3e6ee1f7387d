"""Make an instance: fresh keys, one settings file per room, migrated databases, the study's document.

Refuses to overwrite anything. What is made is readable by its owner alone. If a step fails, what was made before it
is taken away again, so that the next try starts clean.
"""

import base64
import json
import os
import secrets
import shutil
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from studyportal.audit import Actor
from studyportal.custody.consent_forms.actions import begin_with_form
from studyportal.custody.opening.key_file import Keys, new_keys, write_key_file
from studyportal.custody.opening.transport import publish_transport_key
from studyportal.database import BINDS
from studyportal.errors import Conflict
from studyportal.portal.composing import settings_class
from studyportal.portal.inside import databases_of
from studyportal.portal.migrating import upgrade
from studyportal.portal.paragraphs import PARAGRAPHS
from studyportal.portal.rooms import ROOMS, Room
from studyportal.portal.settings import placed_url, settings_file
from studyportal.protocol import Protocol, read_protocol
from studyportal.protocol.versions import in_every_language
from studyportal.sealing.push import new_push_key
from studyportal.sealing.signatures import public_of, sign
from studyportal.web.push_addresses import KNOWN_SERVICES

PROTOCOL, KEY_FILE, SHELF, RELEASES = "protocol.yaml", "custody-keys.json", "shelf", "releases"
DESK = "desk.sock"
# What an instance begins without, as it would be written; it stands in the settings file as a comment.
EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "mail": {
        "host": "mail.example.org",
        "port": 587,
        "sender": "studyportal@example.org",
        "clinic": "https://clinic.example.org",
        "monitoring": "monitoring@example.org",
    },
    "scheduler": {
        "address": "tls://scheduler.example.org:8786",
        "ca_file": "/etc/studyportal/scheduler/ca.pem",
        "certificate": "/etc/studyportal/scheduler/custody.pem",
        "private_key": "/etc/studyportal/scheduler/custody-key.pem",
    },
}
SQLITE = "sqlite:///{bind}.sqlite"
OWNER = "owner"
MAKER = Actor("custody", "command", "init")
WIDTH = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to make: where, for which study document, and where the databases are.

    `database_url` is a template with {bind} and {room}; the room is "owner" for whoever owns the tables.
    """

    folder: Path
    document: str
    document_name: str
    synthetic: bool
    database_url: str = SQLITE

    def url(self, bind: str, room: str) -> str:
        return self.database_url.replace("{bind}", bind).replace("{room}", room)


def make_instance(wanted: Wanted, *, now: datetime, random: Callable[[int], bytes] = secrets.token_bytes) -> Protocol:
    """Make it and answer the protocol. Raises `Conflict` if something is there, `ProtocolMistakes` for the document."""
    protocol = read_protocol(wanted.document, name=wanted.document_name)
    folder = wanted.folder
    with _nothing_left_on_failure(folder, _files(wanted)):
        (folder / PROTOCOL).write_text(wanted.document, encoding="utf-8")
        for name in (SHELF, RELEASES):
            (folder / name).mkdir(mode=0o700)
        keys = new_keys()
        write_key_file(folder / KEY_FILE, keys)
        urls = {bind: placed_url(wanted.url(bind, OWNER), folder.absolute()) for bind in BINDS}
        for bind, url in urls.items():
            upgrade(bind, url)
        with databases_of(urls):
            publish_transport_key(keys, actor=MAKER, now=now)
            begin_with_form(in_every_language(protocol), actor=MAKER, now=now)
        for room in ROOMS.values():
            _write(settings_file(room.name, folder), _document(room, _values(room, wanted, keys, random)))
    return protocol


def _files(wanted: Wanted) -> list[Path]:
    names = [PROTOCOL, KEY_FILE, f".{KEY_FILE}.lock", SHELF, RELEASES, *(f"{room}.toml" for room in ROOMS)]
    if wanted.database_url.startswith("sqlite:"):
        names += [f"{bind}.sqlite{end}" for bind in BINDS for end in ("", "-wal", "-shm", "-line")]
    return [wanted.folder / name for name in names]


@contextmanager
def _nothing_left_on_failure(folder: Path, files: list[Path]) -> Iterator[None]:
    found = [file.name for file in files if file.exists()]
    if found:
        raise Conflict(f"{folder} holds an instance already ({', '.join(found[:3])}); nothing was changed.")
    before = os.umask(0o077)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        folder.chmod(0o700)
        yield
    except BaseException:
        for file in files:
            shutil.rmtree(file) if file.is_dir() else file.unlink(missing_ok=True)
        raise
    finally:
        os.umask(before)


def _values(room: Room, wanted: Wanted, keys: Keys, random: Callable[[int], bytes]) -> dict[str, Any]:
    export = random(32)
    known: dict[str, Any] = {
        "port": room.port,
        "origin": room.origin,
        "secret_key": _text(random(32)),
        "protocol": PROTOCOL,
        "synthetic": wanted.synthetic,
        "workers": 2 if room.name == "intake" else 1,
        # Entries cost processor time, and threads of one process only pass it to and fro; pages mostly wait.
        "threads": 1 if room.name == "intake" else 4,
        "log": f"{room.name}.log",
        "proxies": 0,
        "databases": {bind: wanted.url(bind, room.name) for bind in room.binds},
        "receipt_key": _text(random(32)),
        "custody_public_key": _text(keys.public),
        "desk": DESK,
        "diary": ROOMS["intake"].origin,
        "clinic": ROOMS["clinic"].origin,
        "research": ROOMS["research"].origin,
        "key_file": KEY_FILE,
        "shelf": SHELF,
        "releases": RELEASES,
        "mail": EXAMPLES["mail"],
        "scheduler": EXAMPLES["scheduler"],
        "push": {
            "private_key": _text(new_push_key()),
            "contact": EXAMPLES["mail"]["sender"],
            "services": list(KNOWN_SERVICES),
        },
        "snapshot_key": _text(keys.snapshot),
        "noise_secret": _text(random(32)),
        "export_key": _text(export),
        "export_certificate": _text(sign("studyportal export key", public_of(export), key=keys.signing)),
    }
    return {name: known[name] for name in settings_class(room.name).model_fields}


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _document(room: Room, values: Mapping[str, Any]) -> str:
    """The settings file: plain values first, tables last, a paragraph above each."""
    parts = [
        f"# The {room.name} room. Made by `studyportal init`; change it by hand.\n# It holds keys: never put it under version control.\n"
    ]
    for name, value in sorted(values.items(), key=lambda one: isinstance(one[1], dict)):
        comment = textwrap.fill(PARAGRAPHS[name], WIDTH, initial_indent="# ", subsequent_indent="# ")
        if name in EXAMPLES:
            lines = "\n".join(f"# {inner} = {json.dumps(one)}" for inner, one in value.items())
            parts.append(f"{comment}\n# [{name}]\n{lines}\n")
        elif isinstance(value, dict):
            lines = "\n".join(f"{inner} = {json.dumps(one)}" for inner, one in value.items())
            parts.append(f"{comment}\n[{name}]\n{lines}\n")
        else:
            parts.append(f"{comment}\n{name} = {json.dumps(value)}\n")
    return "\n".join(parts)


def _write(file: Path, text: str) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w", encoding="utf-8") as out:
        out.write(text)
