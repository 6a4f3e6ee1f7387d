"""A room answers under its own name only, takes no more than it can hold, and tells its log nothing about anybody."""

from collections.abc import Callable, Mapping
from unittest.mock import patch

import pytest

from studyportal.errors import NotSignedIn, Unsafe
from studyportal.web.room import MAX_BODY_BYTES, make_room
from tests.web.conftest import BIND, CANARY, PROTOCOL, SAME_ORIGIN, Room, form_token, hire, settings_with, sign_in


def test_debug_mode_keeps_a_room_from_starting(monkeypatch: pytest.MonkeyPatch, make: Callable[..., Room]) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")

    with pytest.raises(Unsafe, match="Debug"):
        make()


def test_a_room_that_does_not_exist_is_not_made(databases: Mapping[str, str]) -> None:
    with pytest.raises(Unsafe):
        make_room("attic", settings_with(), PROTOCOL, [], visitor_of=lambda request: None)


def test_a_log_that_cannot_be_written_keeps_a_room_from_starting(make: Callable[..., Room]) -> None:
    with pytest.raises(Unsafe, match="log"):
        make(log="/nowhere/room.log")


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1", "evil.example:8001", ""])
def test_another_host_name_gets_nothing(room: Room, host: str) -> None:
    assert room.client().get("/sign-in", headers={"Host": host}).status_code == 400


def test_what_a_proxy_is_said_to_have_forwarded_is_ignored(room: Room) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "1.2.3.4"}

    response = room.client().get("/", headers=forged | {"Sec-Fetch-Mode": "navigate"})

    assert response.headers["Location"] == "/sign-in"


@pytest.mark.parametrize(("proxies", "believed"), [(0, "127.0.0.1"), (1, "192.0.2.9")])
def test_the_callers_address_is_believed_of_as_many_proxies_as_are_ours(
    make: Callable[..., Room], proxies: int, believed: str
) -> None:
    room = make(proxies=proxies)
    forwarded = {"X-Forwarded-For": "203.0.113.5, 192.0.2.9", "X-Forwarded-Host": "evil.example"}

    with patch("studyportal.web.sign_in.arriving.show_passphrase", side_effect=NotSignedIn("No.")) as tried:
        client = room.client()
        fields = {"csrf_token": form_token(client), "name": "Ada", "passphrase": "wrong"}
        client.post("/sign-in", data=fields, headers=SAME_ORIGIN | forwarded)

    assert tried.call_args.args[0].address == believed


def test_more_than_fits_is_refused_before_it_is_read(room: Room) -> None:
    client = room.client()

    full = client.post("/api/entries", json="x" * (MAX_BODY_BYTES - 2))
    over = client.post("/api/entries", json="x" * MAX_BODY_BYTES)

    assert (full.status_code, over.status_code) == (200, 413)


def test_a_form_with_thousands_of_fields_is_refused(room: Room) -> None:
    client = room.client()
    form = "&".join(f"f{n}=1" for n in range(20_000))

    response = client.post(
        "/echo", data=f"csrf_token={form_token(client)}&{form}", headers=SAME_ORIGIN, content_type="multipart/form-data"
    )

    assert response.status_code in (400, 413)


def test_the_cookies_are_for_this_room_only(room: Room) -> None:
    hire(room)
    client = room.client()
    form_cookie = client.get("/sign-in").headers["Set-Cookie"]
    sign_in_cookie = sign_in(client).headers.getlist("Set-Cookie")[0]

    assert form_cookie.startswith("__Host-clinic-form=")
    assert sign_in_cookie.startswith("__Host-clinic=")
    for cookie in (form_cookie, sign_in_cookie):
        for rule in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
            assert rule in cookie.split("; ")
        assert "Domain" not in cookie


def test_a_line_of_the_log_has_the_rule_and_not_the_address(room: Room) -> None:
    client = room.client()

    client.get(f"/refuse/Gone?q={CANARY}", headers={"User-Agent": CANARY, "Referer": CANARY, "Cookie": f"a={CANARY}"})
    client.get(f"/{CANARY}")
    client.open("/echo", method=CANARY)
    client.post("/api/entries", json={"pain": CANARY})

    refused, unknown, odd, taken = room.lines()
    assert set(refused) == {"time", "room", "request", "method", "rule", "status", "ms"}
    assert (refused["room"], refused["method"], refused["rule"], refused["status"]) == (
        "clinic",
        "GET",
        "/refuse/<kind>",
        410,
    )
    assert (unknown["rule"], unknown["status"]) == ("none", 404)
    assert odd["method"] == "other"
    assert taken["rule"] == "/api/entries"
    assert CANARY not in room.log.read_text()


def test_a_log_that_is_full_does_not_turn_what_is_kept_into_an_error(make: Callable[..., Room]) -> None:
    room = make(log="/dev/full")

    assert room.client().get("/echo").status_code == 200


def test_a_page_says_whether_its_data_are_synthetic(make: Callable[..., Room]) -> None:
    synthetic, real = make(), make(synthetic=False)

    assert "Synthetic data" in synthetic.client().get("/open").get_data(as_text=True)
    assert "Synthetic data" not in real.client().get("/open").get_data(as_text=True)


def test_the_database_of_another_room_is_not_there(room: Room) -> None:
    from studyportal.database import reading
    from studyportal.errors import WallCrossed

    with room.app.app_context(), pytest.raises(WallCrossed), reading("keyring"):
        pass

    assert BIND == "registry"
