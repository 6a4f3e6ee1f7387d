"""A passkey signs in by itself, once for each challenge, for this host, with a fingerprint, and for its owner alone."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from unittest.mock import patch

import pytest
from flask import Flask

from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.database import reading, writing
from studyportal.errors import NotSignedIn
from studyportal.sealing.sessions import token_bytes
from studyportal.web.sign_in import arriving, challenges, factors, own, passkeys, sessions, totp
from studyportal.web.sign_in.tables import SIGN_IN
from tests.authenticator import Authenticator, tampered
from tests.web.conftest import (
    BIND,
    COMMAND,
    NOW,
    ORIGIN,
    SAME_ORIGIN,
    Clock,
    Room,
    at_second_step,
    cookie,
    door,
    form_token,
    hire,
    rows,
    send,
    sign_in,
)
from tests.web.test_limiter import _door, _hire_ada

TABLES = SIGN_IN[BIND]


@pytest.fixture
def databases(request: pytest.FixtureRequest) -> Mapping[str, str]:
    return request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_databases")


both = pytest.mark.parametrize("databases", ["sqlite", "postgresql"], indirect=True)


def with_passkey(at, account, **how) -> Authenticator:
    """A passkey of this account, made as its page would; in a context with the database."""
    key = Authenticator(at.party.origin, at.party.host, **how)
    challenge = b"c" * 32
    asked = passkeys.request_for_new(challenge, at.party, handle=account, name="Ada", place="Here", known=[])
    made = passkeys.made(key.create(json.loads(asked)), challenge=challenge, party=at.party)
    with writing(at.bind) as connection:
        factors.add_passkey(connection, at.bind, account, passkey=made, now=NOW)
    return key


@pytest.fixture
def ada(room: Room) -> Authenticator:
    account = hire(room)
    with room.app.app_context():
        return with_passkey(door(room), account)


def asked_of(client) -> dict:
    """What the page asks the browser."""
    token = form_token(client, "/sign-in")
    answer = client.post("/sign-in/passkey/challenge", headers=SAME_ORIGIN | {"X-CSRFToken": token})
    assert answer.status_code == 200, answer.text
    return answer.json


def test_a_passkey_signs_in_without_name_or_passphrase(room: Room, ada: Authenticator) -> None:
    client = room.client()

    answer = send(client, "/sign-in/passkey", answer=ada.get(asked_of(client)))

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert client.get("/").status_code == 200
    assert [row.how for row in rows(room, TABLES.sessions)] == ["passkey"]


def test_the_page_asks_for_verification_names_nobody_and_offers_every_key(room: Room) -> None:
    first, second = (asked_of(room.client()) for _ in range(2))

    assert first["userVerification"] == "required"
    assert (first["rpId"], first["allowCredentials"]) == ("localhost", [])
    assert first["challenge"] != second["challenge"]


def test_a_passkey_is_a_second_factor_too(room: Room, ada: Authenticator) -> None:
    client = room.client()
    page = at_second_step(room, client).text

    answer = send(client, "/sign-in/second", token_from="/sign-in/second", answer=ada.get(asked_of(client)))

    assert "Use your passkey" in page
    assert answer.status_code == 303
    assert [row.how for row in rows(room, TABLES.sessions)] == ["passkey"]


def test_a_colleagues_passkey_is_no_second_factor_of_mine(room: Room, ada: Authenticator) -> None:
    hire(room, name="Bo Berg", role="coordinator")
    client = room.client()
    at_second_step(room, client, name="Bo Berg")

    answer = send(client, "/sign-in/second", token_from="/sign-in/second", answer=ada.get(asked_of(client)))

    assert answer.status_code == 401
    assert rows(room, TABLES.sessions) == []


@pytest.mark.parametrize("counts", [False, True])
def test_an_answer_that_was_used_is_refused(room: Room, counts: bool) -> None:
    account = hire(room)
    with room.app.app_context():
        key = with_passkey(door(room), account, counts=counts)
    client = room.client()
    answer = key.get(asked_of(client))
    held = client.get_cookie("__Host-clinic-form")
    assert send(client, "/sign-in/passkey", answer=answer).status_code == 303
    thief = room.client()
    token = form_token(thief)
    thief.set_cookie("__Host-clinic-form", held.value)

    again = thief.post("/sign-in/passkey", data={"csrf_token": token, "answer": answer}, headers=SAME_ORIGIN)
    with room.app.app_context():
        challenge = json.loads(_decoded(answer))["challenge"]
        with pytest.raises(NotSignedIn):
            proof = arriving.Signed(challenge, answer)
            arriving.show_passkey(door(room), proof, old_token=None, now=NOW)

    assert again.status_code in (400, 401)
    assert cookie(thief) is None
    assert len(rows(room, TABLES.sessions)) == 1


def _decoded(answer: str) -> bytes:
    return token_bytes(json.loads(answer)["response"]["clientDataJSON"].rstrip("=") + "==")


@both
def test_of_eight_who_bring_one_answer_at_once_one_comes_in(building: Flask) -> None:
    _hire_ada()
    at = _door()
    with writing(BIND) as connection:
        account = connection.execute(TABLES.accounts.select()).one().id
        challenge = challenges.begin(connection, BIND, "passkey", account=None, room_key=at.room_key, now=NOW)
    key = with_passkey(at, account)
    answer = key.get(json.loads(passkeys.question(token_bytes(challenge), at.party)))

    def bring(_: int) -> str:
        with building.app_context():
            try:
                arriving.show_passkey(at, arriving.Signed(challenge, answer), old_token=None, now=NOW)
            except NotSignedIn:
                return "refused"
            return "in"

    with ThreadPoolExecutor(8) as crowd:
        outcomes = sorted(crowd.map(bring, range(8)))

    assert outcomes == ["in"] + ["refused"] * 7


def test_an_answer_to_somebody_elses_challenge_is_refused(room: Room, ada: Authenticator) -> None:
    mine, theirs = room.client(), room.client()
    asked_of(mine)

    answer = send(mine, "/sign-in/passkey", answer=ada.get(asked_of(theirs)))

    assert answer.status_code == 401


def test_an_answer_that_comes_late_is_refused(room: Room, ada: Authenticator, time: Clock) -> None:
    client = room.client()
    answer = ada.get(asked_of(client))
    time.wait(minutes=11)

    assert send(client, "/sign-in/passkey", answer=answer).status_code == 401


UNFIT = {
    "without a fingerprint": lambda key, asked: setattr(key, "_flags", 1) or key.get(asked),
    "for another origin": lambda key, asked: setattr(key, "origin", "http://localhost:8003") or key.get(asked),
    "for another host": lambda key, asked: setattr(key, "host", "evil.example") or key.get(asked),
    "of another key": lambda key, asked: Authenticator(ORIGIN).get(asked),
    "for another person": lambda key, asked: key.get(asked, handle="AAAAAAAAAAAAAAAAAAAAAA"),
    "with another signature": lambda key, asked: tampered(key.get(asked), "signature"),
    "with other data": lambda key, asked: tampered(key.get(asked), "authenticatorData"),
    "nothing": lambda key, asked: "",
    "no JSON": lambda key, asked: "{",
    "a list": lambda key, asked: "[]",
    "half of it": lambda key, asked: json.dumps({"id": json.loads(key.get(asked))["id"], "response": {}}),
    "not base64": lambda key, asked: json.dumps({"id": "\u00e9", "response": {}}),
    "too long": lambda key, asked: key.get(asked)[:-1] + " " * 20_000 + "}",
}


@pytest.mark.parametrize("how", UNFIT)
def test_an_answer_that_does_not_hold_is_refused(room: Room, ada: Authenticator, how: str) -> None:
    client = room.client()
    asked = asked_of(client)

    answer = send(client, "/sign-in/passkey", answer=UNFIT[how](ada, asked))

    assert answer.status_code == 401, how
    assert rows(room, TABLES.sessions) == []


def test_a_key_that_counts_backwards_is_refused(room: Room) -> None:
    account = hire(room)
    with room.app.app_context():
        key = with_passkey(door(room), account, counts=True)
    statuses = []
    for uses in (5, 3, 6):
        client = room.client()
        key.uses = uses
        statuses.append(send(client, "/sign-in/passkey", answer=key.get(asked_of(client))).status_code)

    assert statuses == [303, 401, 303]


def test_an_account_that_has_ended_is_not_let_in_by_its_passkey(room: Room, ada: Authenticator) -> None:
    client = room.client()
    answer = ada.get(asked_of(client))
    with room.app.app_context(), writing(BIND) as connection:
        connection.execute(TABLES.accounts.update().values(ended_at=NOW))

    assert send(client, "/sign-in/passkey", answer=answer).status_code == 401


def test_a_stranger_cannot_fill_the_table_of_challenges(room: Room, time: Clock) -> None:
    client = room.client()
    token = form_token(client)
    headers = SAME_ORIGIN | {"X-CSRFToken": token, "Accept": "application/json"}
    with patch.dict("studyportal.web.sign_in.limiter.LIMITS", {"challenge": 3}):
        answers = [client.post("/sign-in/passkey/challenge", headers=headers) for _ in range(4)]
    time.wait(minutes=20)
    asked_of(room.client())

    assert [answer.status_code for answer in answers] == [200] * 3 + [429]
    assert len(rows(room, TABLES.challenges)) == 1  # the old ones went


def test_a_challenge_is_asked_for_from_our_own_pages_alone(room: Room) -> None:
    client = room.client()

    cross = client.post("/sign-in/passkey/challenge", headers={"Sec-Fetch-Site": "cross-site"})
    without_token = client.post("/sign-in/passkey/challenge", headers=SAME_ORIGIN)

    assert (cross.status_code, without_token.status_code) == (403, 400)


def test_removing_it_ends_what_it_began_and_nothing_else(room: Room, ada: Authenticator) -> None:
    lost, mine = room.client(), room.client()
    send(lost, "/sign-in/passkey", answer=ada.get(asked_of(lost)))
    sign_in(mine)
    (one,) = [row for row in rows(room, TABLES.factors) if row.kind == "passkey"]

    page = mine.get(f"/your-sign-in/factors/{one.id}").text
    removed = send(mine, f"/your-sign-in/factors/{one.id}/remove", token_from="/your-sign-in")

    assert "that session ends at once" in page
    assert removed.headers["Location"] == "/your-sign-in"
    assert [client.get("/").status_code for client in (mine, lost)] == [200, 401]


def test_whoever_removes_the_one_that_signed_them_in_is_signed_out(room: Room, ada: Authenticator) -> None:
    client = room.client()
    send(client, "/sign-in/passkey", answer=ada.get(asked_of(client)))
    (one,) = [row for row in rows(room, TABLES.factors) if row.kind == "passkey"]

    left = send(client, f"/your-sign-in/factors/{one.id}/remove", token_from="/your-sign-in")

    assert left.headers["Location"] == "/sign-in" and "you are signed out here, too" in client.get("/sign-in").text
    assert client.get("/").status_code == 401
    event = rows(room, AUDIT_EVENTS[BIND])[-1]
    assert (event.action, event.detail) == ("factor:remove", '{"kind":"passkey","sessions":1}')


@both
def test_a_sign_in_at_the_moment_of_a_removal_is_refused_or_ended(building: Flask) -> None:
    _hire_ada()
    with writing(BIND) as connection:
        account = connection.execute(TABLES.accounts.select()).one().id
        factors.add_app(connection, BIND, account, secret=totp.new_secret(), room_key=_door().room_key, now=NOW)
    key = with_passkey(_door(), account)
    token = arriving.ask_for_passkey(_door(), now=NOW)
    proof = arriving.Signed(token, key.get(json.loads(passkeys.question(token_bytes(token), _door().party))))
    with reading(BIND) as connection:
        (one,) = [row.id for row in factors.factors_of(connection, BIND, account) if row.kind == "passkey"]

    def come() -> None:
        with building.app_context(), suppress(NotSignedIn):
            arriving.show_passkey(_door(), proof, old_token=None, now=NOW)

    def remove() -> None:
        with building.app_context():
            own.remove_factor(BIND, one, account=account, actor=COMMAND, now=NOW)

    with ThreadPoolExecutor(2) as pair:
        for done in [pair.submit(come), pair.submit(remove)]:
            done.result()

    with reading(BIND) as connection:
        assert sessions.sessions_of(connection, BIND, account, now=NOW) == []
