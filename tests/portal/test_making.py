"""Making an instance: whole or not at all, and nobody else can read it."""

import base64
import stat
from pathlib import Path

import pytest

from studyportal.custody.opening.key_file import load_keys
from studyportal.database import BINDS
from studyportal.errors import Conflict
from studyportal.portal import making
from studyportal.portal.making import Wanted, make_instance
from studyportal.portal.migrating import current, head
from studyportal.portal.rooms import ROOMS
from studyportal.portal.settings import read_settings
from studyportal.protocol import SHIPPED, ProtocolMistakes
from studyportal.sealing.signatures import public_of, verify
from tests.portal.cast import NOW


def wanted(folder: Path, document: str | None = None) -> Wanted:
    return Wanted(folder, SHIPPED.read_text() if document is None else document, "study.yaml", synthetic=False)


def test_an_instance_is_made_whole_and_private(tmp_path):
    folder = tmp_path / "instance"

    protocol = make_instance(wanted(folder), now=NOW)

    assert protocol.study.code == "MCP-1"
    assert {bind: current(bind, f"sqlite:///{folder}/{bind}.sqlite") for bind in BINDS} == {
        bind: head(bind) for bind in BINDS
    }
    loose = [path.name for path in [folder, *folder.rglob("*")] if stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert loose == []


def test_no_two_rooms_share_a_secret_and_no_two_instances_any(tmp_path):
    for name in ("one", "two"):
        make_instance(wanted(tmp_path / name), now=NOW)

    secrets = [
        getattr(read_settings(room, tmp_path / name, environment={}), field)
        for name in ("one", "two")
        for room in ROOMS
        for field in ("secret_key", "receipt_key", "noise_secret", "export_key", "snapshot_key")
        if hasattr(read_settings(room, tmp_path / name, environment={}), field)
    ]

    assert len(secrets) == len(set(secrets)) == 2 * (4 + 1 + 3)


def test_papers_of_custody_fit_custodys_key(tmp_path):
    make_instance(wanted(tmp_path / "i"), now=NOW)

    keys = load_keys(tmp_path / "i" / "custody-keys.json")
    research = read_settings("research", tmp_path / "i", environment={})
    intake = read_settings("intake", tmp_path / "i", environment={})

    assert base64.b64decode(intake.custody_public_key) == base64.b64decode(research.custody_public_key) == keys.public
    export = public_of(base64.b64decode(research.export_key))
    verify("studyportal export key", export, base64.b64decode(research.export_certificate), public=keys.public)


def test_nothing_is_overwritten(tmp_path):
    make_instance(wanted(tmp_path / "i"), now=NOW)
    before = {path: path.read_bytes() for path in (tmp_path / "i").iterdir() if path.is_file()}

    with pytest.raises(Conflict, match="nothing was changed"):
        make_instance(wanted(tmp_path / "i"), now=NOW)

    assert {path: path.read_bytes() for path in (tmp_path / "i").iterdir() if path.is_file()} == before


def test_a_document_with_mistakes_makes_nothing(tmp_path):
    with pytest.raises(ProtocolMistakes):
        make_instance(wanted(tmp_path / "i", "study: {}\n"), now=NOW)

    assert not (tmp_path / "i").exists()


def test_a_failure_halfway_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(making, "publish_transport_key", lambda *_, **__: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        make_instance(wanted(tmp_path / "i"), now=NOW)

    assert list((tmp_path / "i").iterdir()) == []


def test_an_instance_on_postgresql_has_its_tables_there(tmp_path, postgresql):
    names = {bind: postgresql.database() for bind in BINDS}
    for bind, name in names.items():
        postgresql.run(f"ALTER DATABASE {name} RENAME TO made_{bind}")
    url = postgresql.url("made_{bind}")

    make_instance(Wanted(tmp_path / "i", SHIPPED.read_text(), "mcp-1.yaml", synthetic=False, database_url=url), now=NOW)

    assert read_settings("custody", tmp_path / "i", environment={}).databases["keyring"] == postgresql.url(
        "made_keyring"
    )
    assert current("keyring", postgresql.url("made_keyring")) == head("keyring")
    for bind in BINDS:
        postgresql.drop(f"made_{bind}")
