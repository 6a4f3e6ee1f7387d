"""A room does not start on settings that are weak, missing, unknown or open to others, and says all of it at once."""

import shutil
from pathlib import Path

import pytest

from studyportal.errors import NotFound, Unsafe
from studyportal.portal.composing import settings_class
from studyportal.portal.making import Wanted, make_instance
from studyportal.portal.paragraphs import PARAGRAPHS
from studyportal.portal.rooms import ROOMS
from studyportal.portal.settings import read_settings
from studyportal.protocol import SHIPPED
from tests.portal.cast import NOW


@pytest.fixture(scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("settings") / "instance"
    make_instance(Wanted(folder, SHIPPED.read_text(), "mcp-1.yaml", synthetic=False), now=NOW)
    return folder


@pytest.fixture
def instance(_made: Path, tmp_path: Path) -> Path:
    """A fresh instance, of this test alone."""
    return shutil.copytree(_made, tmp_path / "instance")


def change(instance: Path, room: str, *swaps: tuple[str, str]) -> None:
    file = instance / f"{room}.toml"
    text = file.read_text()
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text)


@pytest.mark.parametrize("room", ROOMS)
def test_a_fresh_instance_is_fit(room, instance):
    settings = read_settings(room, instance, environment={})

    assert settings.port == ROOMS[room].port
    assert set(settings.databases) == set(ROOMS[room].binds)
    assert settings.protocol == instance / "protocol.yaml"


UNFIT = [
    ("intake", ("threads = 1", "threads = 0"), "threads"),
    ("intake", ("threads = 1", "threads = 1\nspeed = 9"), "speed"),
    ("intake", ("synthetic = false\n", ""), "synthetic"),
    ("intake", ("http://localhost:8000", "http://diary.example.org"), "origin"),
    ("intake", ("http://localhost:8000", "http://localhost:8009"), "origin"),
    ("intake", ("sqlite:///registry.sqlite", "sqlite:///nowhere.sqlite"), "databases.registry"),
    ("intake", ("sqlite:///registry.sqlite", "mysql://x@localhost/y"), "databases.registry"),
    ("intake", ("sqlite:///registry.sqlite", "postgresql://x@db.example.org/y"), "sslmode=verify-full"),
    ("intake", ("[databases]", "[databases]\nworkbench = 'sqlite:///workbench.sqlite'"), "exactly registry, keyring"),
    ("clinic", ("protocol.yaml", "other.yaml"), "protocol"),
    ("custody", ("custody-keys.json", "other-keys.json"), "key_file"),
]


@pytest.mark.parametrize(("room", "swap", "named"), UNFIT, ids=[f"{room}: {named}" for room, _, named in UNFIT])
def test_an_unfit_setting_is_named(room, swap, named, instance):
    change(instance, room, swap)

    with pytest.raises(Unsafe, match=named):
        read_settings(room, instance, environment={})


@pytest.mark.parametrize("weak", ["", "c2hvcnQ=", "A" * 43 + "=", "not base64 at all"])
def test_a_weak_secret_is_refused_and_not_shown(weak, instance):
    secret = read_settings("intake", instance, environment={}).secret_key
    change(instance, "intake", (secret, weak))

    with pytest.raises(Unsafe, match="secret_key") as refused:
        read_settings("intake", instance, environment={})

    assert not weak or weak not in refused.value.sentence


def test_everything_wrong_is_said_at_once(instance):
    change(instance, "custody", ("threads = 4", "threads = 0\nspeed = 9"), ("synthetic = false\n", ""))
    (instance / "custody.toml").chmod(0o640)
    (instance / "custody-keys.json").chmod(0o644)

    with pytest.raises(Unsafe) as refused:
        read_settings("custody", instance, environment={"FLASK_DEBUG": "1"})

    for named in (
        "FLASK_DEBUG",
        "custody.toml can be read",
        "custody-keys.json can be read",
        "threads",
        "speed",
        "synthetic",
    ):
        assert named in refused.value.sentence


@pytest.mark.parametrize("content", [b"port = ", b"\xff\xfe", b"[" * 100])
def test_what_is_no_settings_file_is_refused_in_a_sentence(content, instance):
    (instance / "intake.toml").write_bytes(content)

    with pytest.raises(Unsafe, match=r"intake\.toml is not a TOML file"):
        read_settings("intake", instance, environment={})


def test_a_missing_file_says_how_to_make_one(tmp_path):
    with pytest.raises(Unsafe, match="studyportal init"):
        read_settings("intake", tmp_path, environment={})


def test_an_unknown_room_is_named(tmp_path):
    with pytest.raises(NotFound, match="There are intake, clinic, custody, research"):
        read_settings("attic", tmp_path, environment={})


def test_every_setting_has_a_paragraph_and_every_paragraph_a_setting():
    fields = {name for room in ROOMS for name in settings_class(room).model_fields}

    assert set(PARAGRAPHS) == fields
