"""Requests that another site makes through somebody's browser are refused; apps need no form token."""

import pytest

from tests.web.conftest import ORIGIN, SAME_ORIGIN, Room, form_token

BEARER = {"Authorization": "Bearer abc"}

# What the browser says -> whether a form with a right token is taken.
BROWSERS = [
    ({"Sec-Fetch-Site": "same-origin"}, True),
    ({"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN}, True),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),  # what no-referrer makes of our own forms
    ({"Origin": ORIGIN}, True),
    ({"Sec-Fetch-Site": "none"}, False),
    ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN}, False),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"}, False),
    ({"Origin": "http://localhost:8000"}, False),
    ({"Origin": "http://localhost:8001.evil.example"}, False),
    ({"Origin": "null"}, False),
    ({"Referer": f"{ORIGIN}/sign-in"}, False),
    ({}, False),
    (BEARER, False),  # with a cookie: the token of an app does not speak for a browser
]


@pytest.mark.parametrize(("headers", "taken"), BROWSERS)
def test_a_form_is_taken_from_our_own_pages_only(room: Room, headers: dict[str, str], taken: bool) -> None:
    client = room.client()
    token = form_token(client)

    response = client.post("/echo", data={"csrf_token": token}, headers=headers)

    assert response.status_code == (200 if taken else 403)


def test_a_form_without_its_token_is_refused(room: Room) -> None:
    client = room.client()
    form_token(client)

    response = client.post("/echo", data={"a": "b"}, headers=SAME_ORIGIN)

    assert response.status_code == 400


def test_a_form_with_somebody_elses_token_is_refused(room: Room) -> None:
    victim, attacker = room.client(), room.client()
    form_token(victim)

    response = victim.post("/echo", data={"csrf_token": form_token(attacker)}, headers=SAME_ORIGIN)

    assert response.status_code == 400


# What an app without cookies sends -> the status at a page and at the interface for apps.
APPS = [
    (BEARER, 200, 200),
    (BEARER | {"Origin": "capacitor://localhost", "Sec-Fetch-Site": "cross-site"}, 200, 200),
    ({}, 403, 200),
    ({"Origin": "http://evil.example"}, 403, 403),
    ({"Sec-Fetch-Site": "cross-site"}, 403, 403),
]


@pytest.mark.parametrize(("headers", "page", "interface"), APPS)
def test_an_app_without_cookies_needs_no_form_token(
    room: Room, headers: dict[str, str], page: int, interface: int
) -> None:
    client = room.client()

    at_page = client.post("/echo", json={}, headers=headers)
    at_interface = client.post("/api/entries", json={}, headers=headers)

    assert (at_page.status_code, at_interface.status_code) == (page, interface)


def test_an_app_gets_no_cookie(room: Room) -> None:
    response = room.client().post("/api/entries", json={}, headers=BEARER)

    assert "Set-Cookie" not in response.headers
    assert "Vary" not in response.headers
