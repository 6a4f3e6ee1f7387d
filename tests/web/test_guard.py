"""Every answer leaves with the security headers, whatever made it."""

from collections.abc import Callable

import pytest
from flask import Flask

from studyportal.web.guard import SECURITY_HEADERS, Guard
from studyportal.web.request_log import RequestLog
from tests.web.conftest import SAME_ORIGIN, Room, hire, sign_in

ANSWERS = {
    "a page": ("GET", "/sign-in", {}),
    "JSON": ("GET", "/echo", {}),
    "a stylesheet": ("GET", "/static/portal.css", {}),
    "Bootstrap": ("GET", "/static/bootstrap.css", {}),
    "a script": ("GET", "/static/portal.js", {}),
    "no such file": ("GET", "/static/none.css", {}),
    "no such page": ("GET", "/none", {}),
    "nobody signed in": ("GET", "/", {}),
    "led to sign in": ("GET", "/", {"Sec-Fetch-Mode": "navigate"}),
    "the wrong method": ("DELETE", "/echo", {}),
    "another site": ("POST", "/echo", {"Sec-Fetch-Site": "cross-site"}),
    "no form token": ("POST", "/echo", SAME_ORIGIN),
    "a refusal": ("GET", "/refuse/Gone", {}),
    "a crash": ("GET", "/crash/x", {}),
    "a crash in JSON": ("GET", "/api/crash/x", {}),
    "another host": ("GET", "/echo", {"Host": "evil.example"}),
    "options": ("OPTIONS", "/echo", {}),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_every_answer_has_every_header_once(room: Room, answer: str) -> None:
    method, path, headers = ANSWERS[answer]

    response = room.client().open(path, method=method, headers=headers)

    for name, value in SECURITY_HEADERS:
        assert response.headers.getlist(name) == [value], (answer, name)
    assert len(response.headers.getlist("X-Request-Id")) == 1
    assert len(response.headers.getlist("Cache-Control")) == 1


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    policy = dict(SECURITY_HEADERS)["Content-Security-Policy"]

    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))

    assert rules["default-src"] == "'none'"
    assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert "unsafe" not in policy and "*" not in policy and "http" not in policy


def test_https_only_is_asked_for_where_there_is_https(make: Callable[..., Room]) -> None:
    behind_https, on_this_machine = make(origin="https://clinic.example.org"), make()

    told = behind_https.client().get("/none", base_url="https://clinic.example.org")
    untold = on_this_machine.client().get("/none")

    assert told.headers["Strict-Transport-Security"].startswith("max-age=63072000")
    assert "Strict-Transport-Security" not in untold.headers


def test_nothing_that_a_view_makes_is_kept_by_the_browser(room: Room) -> None:
    hire(room)
    client = room.client()
    sign_in(client)

    signed_in, open_to_all = client.get("/"), client.get("/echo")

    assert signed_in.status_code == 200
    assert signed_in.headers["Cache-Control"] == open_to_all.headers["Cache-Control"] == "no-store"


def test_a_crash_outside_the_application_still_answers_with_headers_and_no_value(tmp_path) -> None:
    log = tmp_path / "log"

    def broken(environ: object, start_response: object) -> None:
        raise ValueError("canary")

    app = Flask("broken")
    app.wsgi_app = Guard(broken, RequestLog("clinic", str(log)), https=False)  # type: ignore[method-assign]
    response = app.test_client().get("/")

    assert response.status_code == 500
    assert response.headers["Content-Security-Policy"]
    assert b"canary" not in response.data and "canary" not in log.read_text()
    assert response.headers["X-Request-Id"] in response.get_data(as_text=True)
