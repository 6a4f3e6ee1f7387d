"""Every refusal has a status and a sentence; what nobody expected shows and logs no value."""

import importlib
import pkgutil

import pytest

import studyportal
from studyportal import errors
from studyportal.web.refusals import STATUS, status_of
from tests.web.conftest import CANARY, Room


def _all_kinds() -> set[type[errors.Refusal]]:
    for module in pkgutil.walk_packages(studyportal.__path__, "studyportal."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found, waiting = set(), [errors.Refusal]
    while waiting:
        waiting += (kinds := waiting.pop().__subclasses__())
        found |= set(kinds)
    return found


def test_every_kind_of_refusal_has_a_status() -> None:
    kinds = _all_kinds()

    assert set(errors.Refusal.__subclasses__()) == set(STATUS)
    for kind in kinds:
        assert any(base in STATUS for base in kind.__mro__), kind


@pytest.mark.parametrize("kind", sorted(STATUS, key=lambda kind: kind.__name__))
def test_a_refusal_becomes_its_status_with_a_sentence_and_a_number(room: Room, kind: type[errors.Refusal]) -> None:
    response = room.client().get(f"/refuse/{kind.__name__}")

    assert response.status_code == STATUS[kind]
    assert response.headers["X-Request-Id"] in response.get_data(as_text=True)
    if kind is not errors.Unsafe and kind is not errors.TooMany:
        assert "A sentence for a person." in response.get_data(as_text=True)


def test_an_app_gets_json(room: Room) -> None:
    response = room.client().get("/refuse/Gone", headers={"Accept": "application/json"})

    assert response.status_code == 410
    assert response.json == {
        "refusal": "A sentence for a person.",
        "kind": "Gone",
        "request": response.headers["X-Request-Id"],
    }


def test_whoever_tried_too_often_is_told_when_to_come_back(room: Room) -> None:
    assert room.client().get("/refuse/TooMany").headers["Retry-After"] == "60"


def test_a_subclass_has_the_status_of_the_kind_it_refines() -> None:
    class Unreadable(errors.Invalid):
        pass

    assert status_of(Unreadable("No.")) == 422
    assert status_of(errors.WallCrossed("No.")) == 500


@pytest.mark.parametrize("path", ["/crash/", "/api/crash/"])
def test_the_unexpected_is_told_by_type_and_place_without_its_text(
    room: Room, path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    response = room.client().get(path + CANARY)

    assert response.status_code == 500
    assert CANARY not in response.get_data(as_text=True)
    assert CANARY not in room.log.read_text()
    assert CANARY not in "".join(capfd.readouterr())
    error = room.lines()[0]
    assert error["error"] == "builtins.ValueError"
    assert error["place"].endswith(" in crash")
    assert error["request"] == response.headers["X-Request-Id"]


def test_what_was_sent_is_not_repeated_on_an_error_page(room: Room) -> None:
    response = room.client().get(f"/{CANARY}?q={CANARY}")

    assert response.status_code == 404
    assert CANARY not in response.get_data(as_text=True)


def test_a_browser_that_opens_a_page_is_led_to_sign_in(room: Room) -> None:
    opened = room.client().get("/", headers={"Sec-Fetch-Mode": "navigate"})
    fetched = room.client().get("/", headers={"Sec-Fetch-Mode": "cors"})

    assert (opened.status_code, opened.headers["Location"]) == (303, "/sign-in")
    assert fetched.status_code == 401


def test_a_method_that_a_page_does_not_take_is_told_which_it_takes(room: Room) -> None:
    response = room.client().delete("/echo")

    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]
