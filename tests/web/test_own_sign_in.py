"""People see and change how they sign in; the last factor stays, and what is theirs is nobody else's."""

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from flask import Flask

from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.database import reading, writing
from studyportal.errors import Conflict
from studyportal.web.sign_in import factors, own, totp
from studyportal.web.sign_in.tables import SIGN_IN
from tests.authenticator import Authenticator
from tests.web.conftest import (
    BIND,
    COMMAND,
    NOW,
    ORIGIN,
    PASSPHRASE,
    SAME_ORIGIN,
    Clock,
    Room,
    cookie,
    door,
    factors_of,
    form_token,
    hire,
    rows,
    send,
    sign_in,
)
from tests.web.test_limiter import _door, _hire_ada

TABLES = SIGN_IN[BIND]
PAGE = "/your-sign-in"


@pytest.fixture
def databases(request: pytest.FixtureRequest) -> Mapping[str, str]:
    return request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_databases")


both = pytest.mark.parametrize("databases", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def client(room: Room, time: Clock):
    hire(room)
    browser = room.client()
    sign_in(browser)
    return browser


def add_app(client, time: Clock, name: str = "My other phone"):
    key = re.search(r"<code>([A-Z2-7 ]+)</code>", client.get(f"{PAGE}/app").text)[1].replace(" ", "")
    code = totp.code_of(key, totp.step_at(time.time))
    return send(client, f"{PAGE}/app", token_from=f"{PAGE}/app", code=code, name=name), key


def test_the_page_shows_everything_that_signs_in(client) -> None:
    page = client.get(PAGE).text

    assert "Authenticator app" in page
    assert "60 are left" in page
    assert "1 place, this one" in page
    assert f'href="{PAGE}"' in client.get("/").text  # the name at the top leads here


def test_another_app_is_added_and_signs_in(room: Room, client, time: Clock) -> None:
    answer, key = add_app(client, time)
    time.wait(seconds=60)
    browser = room.client()
    send(browser, "/sign-in", name="Dr Ada Lindqvist", passphrase=PASSPHRASE)
    signed = send(
        browser, "/sign-in/second", token_from="/sign-in/second", code=totp.code_of(key, totp.step_at(time.time))
    )

    assert answer.headers["Location"] == PAGE
    assert "My other phone" in client.get(PAGE).text
    assert signed.status_code == 303


def test_a_reload_shows_the_same_picture_and_a_wrong_code_changes_nothing(room: Room, client) -> None:
    before = client.get(f"{PAGE}/app").text
    wrong = send(client, f"{PAGE}/app", token_from=f"{PAGE}/app", code="000000", name="Mine")
    after = client.get(f"{PAGE}/app").text

    pictures = [re.search(r'src="(data:image[^"]+)"', page)[1] for page in (before, wrong.text, after)]
    assert wrong.status_code == 422 and 'value="Mine"' in wrong.text
    assert len(set(pictures)) == 1
    assert len(rows(room, TABLES.factors)) == 1


def test_a_passkey_is_added_under_its_name(room: Room, client) -> None:
    key, token = Authenticator(ORIGIN), form_token(client, f"{PAGE}/passkey")
    asked = client.post(f"{PAGE}/passkey/challenge", headers=SAME_ORIGIN | {"X-CSRFToken": token}).json

    answer = send(client, f"{PAGE}/passkey", token_from=f"{PAGE}/passkey", name="Blue key", answer=key.create(asked))
    again = send(client, f"{PAGE}/passkey", token_from=f"{PAGE}/passkey", name="Twice", answer=key.create(asked))

    assert answer.status_code == 303 and again.status_code == 422
    assert [row.name for row in rows(room, TABLES.factors) if row.kind == "passkey"] == ["Blue key"]


def test_a_key_that_is_known_is_not_taken_for_somebody_else(room: Room, client) -> None:
    key, token = Authenticator(ORIGIN), form_token(client, f"{PAGE}/passkey")
    asked = client.post(f"{PAGE}/passkey/challenge", headers=SAME_ORIGIN | {"X-CSRFToken": token}).json
    send(client, f"{PAGE}/passkey", token_from=f"{PAGE}/passkey", answer=key.create(asked))
    hire(room, name="Bo Berg", role="coordinator")
    colleague = room.client()
    sign_in(colleague, name="Bo Berg")
    token = form_token(colleague, f"{PAGE}/passkey")
    asked = colleague.post(f"{PAGE}/passkey/challenge", headers=SAME_ORIGIN | {"X-CSRFToken": token}).json

    answer = send(colleague, f"{PAGE}/passkey", token_from=f"{PAGE}/passkey", answer=key.create(asked))

    assert answer.status_code == 422


def test_a_factor_is_named_and_removed(room: Room, client, time: Clock) -> None:
    add_app(client, time)
    new = next(row for row in rows(room, TABLES.factors) if row.name == "My other phone")
    one = f"{PAGE}/factors/{new.id}"

    send(client, one, token_from=one, name='  Old "phone" <b>\n ')
    page = client.get(PAGE).text
    removed = send(client, f"{one}/remove", token_from=one)

    assert "Old &#34;phone&#34; &lt;b&gt;" in page
    assert removed.status_code == 303
    assert len(rows(room, TABLES.factors)) == 1


def test_the_last_factor_stays(room: Room, client) -> None:
    (only,) = rows(room, TABLES.factors)
    one = f"{PAGE}/factors/{only.id}"

    page = client.get(one).text
    answer = send(client, f"{one}/remove", token_from=one)

    assert "so it stays" in page
    assert answer.status_code == 409
    assert len(rows(room, TABLES.factors)) == 1


@both
def test_of_two_factors_that_are_removed_at_once_one_stays(building: Flask) -> None:
    _hire_ada()
    with writing(BIND) as connection:
        account = connection.execute(TABLES.accounts.select()).one().id
        factors.add_app(connection, BIND, account, secret=totp.new_secret(), room_key=_door().room_key, now=NOW)
    with reading(BIND) as connection:
        both = [row.id for row in factors.factors_of(connection, BIND, account)]

    def remove(factor) -> str:
        with building.app_context():
            try:
                own.remove_factor(BIND, factor, account=account, actor=COMMAND, now=NOW)
            except Conflict:
                return "stays"
            return "went"

    with ThreadPoolExecutor(2) as pair:
        outcomes = sorted(pair.map(remove, both))

    assert outcomes == ["stays", "went"]


def test_a_colleagues_factor_is_not_there(room: Room, client, time: Clock) -> None:
    hire(room, name="Bo Berg", role="coordinator")
    theirs = next(row for row in rows(room, TABLES.factors) if row.account != _account(room))
    add_app(client, time)

    for id in (theirs.id, uuid4()):
        one = f"{PAGE}/factors/{id}"
        assert client.get(one).status_code == 404
        assert send(client, one, token_from=PAGE, name="Mine now").status_code == 404
        assert send(client, f"{one}/remove", token_from=PAGE).status_code == 404
    assert len(rows(room, TABLES.factors)) == 3


def _account(room: Room):
    return next(row.id for row in rows(room, TABLES.accounts) if row.shown_name == "Dr Ada Lindqvist")


def test_new_recovery_codes_are_shown_once_and_end_the_former(room: Room, client, time: Clock) -> None:
    page = send(client, f"{PAGE}/codes", token_from=PAGE).text
    codes = re.search(r'id="codes">([^<]+)<', page)[1].split()
    statuses = []
    for code in (factors_of().codes[0], codes[0]):
        browser = room.client()
        send(browser, "/sign-in", name="Dr Ada Lindqvist", passphrase=PASSPHRASE)
        statuses.append(send(browser, "/sign-in/second", token_from="/sign-in/second", code=code).status_code)

    assert len(codes) == 10
    assert statuses == [401, 303]
    assert "9 are left" in client.get(PAGE).text
    assert codes[1] not in client.get(PAGE).text


def test_a_new_passphrase_holds_and_signs_out_everywhere_else(room: Room, client, time: Clock) -> None:
    elsewhere, words = room.client(), "another-river-lantern-pepper"
    sign_in(elsewhere)

    answer = send(client, f"{PAGE}/passphrase", token_from=f"{PAGE}/passphrase", passphrase=words, again=words)

    assert answer.status_code == 303
    assert (client.get("/").status_code, elsewhere.get("/").status_code) == (200, 401)
    assert sign_in(room.client()).status_code == 401
    assert sign_in(room.client(), passphrase=words).status_code == 303


@pytest.mark.parametrize(("words", "again"), [("Dr Ada Lindqvist!", None), (PASSPHRASE, "other"), ("x", "x")])
def test_an_unfit_passphrase_changes_nothing(room: Room, client, words: str, again: str | None) -> None:
    page = f"{PAGE}/passphrase"

    answer = send(client, page, token_from=page, passphrase=words, again=words if again is None else again)

    assert answer.status_code == 422
    assert sign_in(room.client()).status_code == 303


def test_somebody_ends_every_session_at_once(room: Room, client) -> None:
    elsewhere = room.client()
    sign_in(elsewhere)

    answer = send(client, "/sessions/end", token_from="/sessions")

    assert answer.headers["Location"] == "/sign-in"
    assert cookie(client) is None
    assert client.get("/").status_code == elsewhere.get("/").status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{PAGE}/app"), ("GET", f"{PAGE}/passkey"), ("GET", f"{PAGE}/passphrase"), ("POST", f"{PAGE}/codes"),
        ("POST", f"{PAGE}/app"), ("POST", f"{PAGE}/passkey"), ("POST", f"{PAGE}/passphrase"),
        ("POST", f"{PAGE}/factors/{UUID(int=1)}/remove"),
    ],
)  # fmt: skip
def test_every_change_asks_for_a_factor_again(client, time: Clock, method: str, path: str) -> None:
    time.wait(minutes=6)
    data = {"csrf_token": form_token(client, "/")} if method == "POST" else None

    answer = client.open(path, method=method, data=data, headers=SAME_ORIGIN)

    assert answer.headers["Location"].startswith("/step-up?next=")


def test_what_changes_is_in_the_trail(room: Room, client, time: Clock) -> None:
    add_app(client, time)
    new = next(row for row in rows(room, TABLES.factors) if row.name == "My other phone")
    one = f"{PAGE}/factors/{new.id}"
    send(client, one, token_from=one, name="Old phone")
    send(client, f"{one}/remove", token_from=one)
    send(client, f"{PAGE}/codes", token_from=PAGE)

    seen = [(row.action, row.detail) for row in rows(room, AUDIT_EVENTS[BIND])[-4:]]

    assert seen == [
        ("factor:add", '{"kind":"totp"}'), ("factor:rename", "{}"), ("factor:remove", '{"kind":"totp"}'),
        ("recovery:renew", "{}"),
    ]  # fmt: skip
    assert "phone" not in repr(rows(room, AUDIT_EVENTS[BIND]))


def test_nobody_keeps_more_factors_than_they_can_carry(room: Room, client, time: Clock) -> None:
    with room.app.app_context(), writing(BIND) as connection:
        for _ in range(own.MOST - 1):
            key = {"secret": totp.new_secret(), "room_key": door(room).room_key, "now": NOW}
            factors.add_app(connection, BIND, _account(room), **key)

    answer, _ = add_app(client, time)

    assert answer.status_code == 409
