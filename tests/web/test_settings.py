"""A room does not start on settings that are weak, missing or unknown, and says which without showing them."""

import base64

import pytest

from studyportal.errors import Unsafe
from studyportal.web.settings import RoomSettings
from tests.web.conftest import CANARY, settings_with

WEAK = {
    "no secret": {"secret_key": ""},
    "a short secret": {"secret_key": base64.b64encode(b"0123456789abcdef").decode()},
    "a secret that is no chance": {"secret_key": base64.b64encode(b"a" * 32).decode()},
    "a secret that is no base64": {"secret_key": CANARY},
    "plain http elsewhere": {"origin": "http://clinic.example.org"},
    "an origin with a path": {"origin": "https://clinic.example.org/portal"},
    "an origin that is no address": {"origin": "clinic.example.org"},
    "another kind of address": {"origin": "ftp://localhost"},
    "no database": {"databases": {}},
    "a database that is not ours": {"databases": {CANARY: "sqlite:////x"}},
    "a port that is none": {"port": 0},
    "no workers": {"workers": 0},
    "something unknown": {"debug": True},
}


@pytest.mark.parametrize("weakness", WEAK)
def test_an_unfit_setting_is_named_and_not_shown(weakness: str) -> None:
    ((name, _),) = WEAK[weakness].items()

    with pytest.raises(Unsafe) as refusal:
        settings_with(**WEAK[weakness])

    assert name in refusal.value.sentence
    if name != "databases":  # the name of a database is no secret, its address is
        assert CANARY not in refusal.value.sentence


def test_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(Unsafe) as refusal:
        RoomSettings.read({})

    for name in ("port", "origin", "secret_key", "databases", "protocol", "synthetic", "workers", "threads", "log"):
        assert name in refusal.value.sentence


def test_plain_http_is_fine_on_this_machine() -> None:
    assert settings_with(origin="http://localhost:8001").host == "localhost"
    assert not settings_with(origin="http://localhost:8001").is_https


def test_settings_do_not_change_while_a_room_runs() -> None:
    settings = settings_with()

    with pytest.raises(ValueError):
        settings.port = 1  # type: ignore[misc]
