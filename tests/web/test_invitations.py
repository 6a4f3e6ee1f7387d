"""Somebody new follows an invitation once, sets what only they know, and is shown their recovery codes once."""

import json
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask

from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.database import reading, writing
from studyportal.errors import Conflict, Gone, Invalid, NotFound
from studyportal.web.sign_in import actions, totp, welcome
from studyportal.web.sign_in.invitations import waiting_invitations
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
    factors_of,
    form_token,
    hire,
    rows,
    send,
    sign_in,
)
from tests.web.test_limiter import _door

TABLES = SIGN_IN[BIND]
NAME = "Cleo Chang"


@pytest.fixture
def databases(request: pytest.FixtureRequest) -> Mapping[str, str]:
    return request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_databases")


both = pytest.mark.parametrize("databases", ["sqlite", "postgresql"], indirect=True)


def invite(name: str = NAME, **more) -> str:
    about = {"name": name, "role": "clinician", "site": "NS", "actor": COMMAND, "now": NOW} | more
    with writing(BIND) as connection:
        return actions.invite(connection, BIND, **about)


@pytest.fixture
def invitation(room: Room, time: Clock) -> str:
    with room.app.app_context():
        return invite()


def first_page(client, invitation: str, passphrase: str = PASSPHRASE, again: str | None = None):
    fields = {"invitation": invitation, "passphrase": passphrase, "again": passphrase if again is None else again}
    return send(client, "/welcome", token_from="/welcome", **fields)


def shown_key(client) -> str:
    """The key that the page shows for an authenticator app."""
    page = client.get("/welcome/factor").text
    return re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")


def begin(client, invitation: str, now=NOW):
    assert first_page(client, invitation).status_code == 303
    code = totp.code_of(shown_key(client), totp.step_at(now))
    return send(client, "/welcome/factor", token_from="/welcome/factor", code=code)


def test_somebody_new_sets_a_passphrase_and_an_app_and_is_signed_in(room: Room, invitation: str) -> None:
    client = room.client()

    answer = begin(client, invitation)

    codes = re.search(r'id="codes">([^<]+)<', answer.text)[1].split()
    assert answer.status_code == 200 and len(codes) == 10
    assert client.get("/").status_code == 200
    assert [row.how for row in rows(room, TABLES.sessions)] == ["totp"]


def test_afterwards_they_sign_in_with_both_and_with_a_recovery_code(room: Room, invitation: str, time: Clock) -> None:
    client = room.client()
    first_page(client, invitation)
    key = shown_key(client)
    page = send(
        client, "/welcome/factor", token_from="/welcome/factor", code=totp.code_of(key, totp.step_at(time.time))
    ).text
    codes = re.search(r'id="codes">([^<]+)<', page)[1].split()
    time.wait(seconds=60)
    statuses = []
    for code in (totp.code_of(key, totp.step_at(time.time)), codes[0], codes[0]):
        browser = room.client()
        send(browser, "/sign-in", name="cleo chang", passphrase=PASSPHRASE)
        statuses.append(send(browser, "/sign-in/second", token_from="/sign-in/second", code=code).status_code)

    assert statuses == [303, 303, 401]


def test_the_code_that_set_up_the_app_does_not_sign_in(room: Room, invitation: str, time: Clock) -> None:
    client, thief = room.client(), room.client()
    first_page(client, invitation)
    code = totp.code_of(shown_key(client), totp.step_at(time.time))
    send(client, "/welcome/factor", token_from="/welcome/factor", code=code)
    send(thief, "/sign-in", name=NAME, passphrase=PASSPHRASE)

    answer = send(thief, "/sign-in/second", token_from="/sign-in/second", code=code)

    assert answer.status_code == 401


def test_somebody_new_makes_a_passkey_instead(room: Room, invitation: str) -> None:
    client, key = room.client(), Authenticator(ORIGIN)
    first_page(client, invitation)
    token = form_token(client, "/welcome/factor")
    asked = client.post("/welcome/passkey", headers=SAME_ORIGIN | {"X-CSRFToken": token}).json

    answer = send(client, "/welcome/factor", token_from="/welcome/factor", answer=key.create(asked))

    assert answer.status_code == 200 and "recovery codes" in answer.text
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    browser = room.client()
    token = form_token(browser)
    asked = browser.post("/sign-in/passkey/challenge", headers=SAME_ORIGIN | {"X-CSRFToken": token}).json
    assert send(browser, "/sign-in/passkey", answer=key.get(asked)).status_code == 303


@pytest.mark.parametrize("unfit", ["of another origin", "without a fingerprint", "nonsense"])
def test_a_passkey_that_does_not_hold_begins_nothing(room: Room, invitation: str, unfit: str) -> None:
    client = room.client()
    first_page(client, invitation)
    token = form_token(client, "/welcome/factor")
    asked = client.post("/welcome/passkey", headers=SAME_ORIGIN | {"X-CSRFToken": token}).json
    answers = {
        "of another origin": Authenticator("http://localhost:8003").create(asked),
        "without a fingerprint": Authenticator(ORIGIN, verifies=False).create(asked),
        "nonsense": "{}",
    }

    answer = send(client, "/welcome/factor", token_from="/welcome/factor", answer=answers[unfit])

    assert answer.status_code == 422
    assert cookie(client) is None
    assert rows(room, TABLES.factors) == []


def test_until_then_nothing_signs_in(room: Room, invitation: str) -> None:
    client, other = room.client(), room.client()
    first_page(client, invitation)

    statuses = [
        send(other, "/sign-in", name=NAME, passphrase=words).status_code
        for words in (
            PASSPHRASE,
            "",
            "nobody's passphrase, hashed so that an unknown name takes as long as a known one",
        )
    ]

    assert statuses == [401, 422, 401]
    assert client.get("/").status_code == 401
    assert rows(room, TABLES.accounts)[0].passphrase_hash == ""


def test_a_wrong_code_begins_nothing_and_a_right_one_may_follow(room: Room, invitation: str, time: Clock) -> None:
    client = room.client()
    first_page(client, invitation)

    wrong = send(client, "/welcome/factor", token_from="/welcome/factor", code="000000")
    right = totp.code_of(shown_key(client), totp.step_at(time.time))
    answer = send(client, "/welcome/factor", token_from="/welcome/factor", code=right)

    assert wrong.status_code == 422 and "shows now" in wrong.text
    assert answer.status_code == 200


def test_an_invitation_is_followed_once(room: Room, invitation: str, time: Clock) -> None:
    second = room.client()
    first_page(second, invitation, "another-river-lantern-pepper")
    begin(room.client(), invitation, time.time)

    late = first_page(room.client(), invitation)
    code = totp.code_of(shown_key(second), totp.step_at(time.time))
    early = send(second, "/welcome/factor", token_from="/welcome/factor", code=code)

    assert late.status_code == 422 and "was used" in late.text
    assert early.headers["Location"] == "/sign-in"
    assert len(rows(room, TABLES.factors)) == 1


@both
def test_of_eight_who_follow_one_invitation_at_once_one_begins(building: Flask) -> None:
    door, token = _door(), invite()
    steps = [welcome.choose_passphrase(door, token, PASSPHRASE, own_words=[], now=NOW) for _ in range(8)]

    def follow(step: str) -> str:
        with building.app_context():
            secret = welcome.newcomer(door, step, now=NOW).secret
            try:
                welcome.begin_with_app(door, step, totp.code_of(secret, totp.step_at(NOW)), now=NOW)
            except Gone:
                return "too late"
            return "begun"

    with ThreadPoolExecutor(8) as crowd:
        outcomes = sorted(crowd.map(follow, steps))
    with reading(BIND) as connection:
        factors = connection.execute(TABLES.factors.select()).all()
        codes = connection.execute(TABLES.recovery_codes.select()).all()

    assert outcomes == ["begun"] + ["too late"] * 7
    assert (len(factors), len(codes)) == (1, 10)


def test_an_invitation_ends_after_seven_days(room: Room, invitation: str, time: Clock) -> None:
    time.wait(days=7)

    answer = first_page(room.client(), invitation)

    assert answer.status_code == 422 and cookie(room.client()) is None


def test_a_newer_invitation_ends_the_older(room: Room, invitation: str) -> None:
    with room.app.app_context():
        newer = invite(again=True)

    statuses = [first_page(room.client(), one).status_code for one in (invitation, newer)]

    assert statuses == [422, 303]


def test_an_account_that_has_ended_cannot_begin(room: Room, invitation: str, time: Clock) -> None:
    client = room.client()
    first_page(client, invitation)
    with room.app.app_context(), writing(BIND) as connection:
        (row,) = connection.execute(TABLES.accounts.select()).all()
        actions.end_account(connection, BIND, row.id, actor=COMMAND, now=NOW)

    assert client.get("/welcome/factor").headers["Location"] == "/sign-in"
    assert first_page(room.client(), invitation).status_code == 422


@pytest.mark.parametrize(
    ("passphrase", "again"), [("short", "short"), ("Cleo Chang Cleo Chang", None), (PASSPHRASE, "another one")]
)
def test_an_unfit_passphrase_is_told_at_its_field(room: Room, invitation: str, passphrase: str, again) -> None:
    answer = first_page(room.client(), invitation, passphrase, again)

    assert answer.status_code == 422
    assert "field-error" in answer.text


def test_guessing_at_invitations_ends(room: Room, time: Clock) -> None:
    client = room.client()

    statuses = [first_page(client, f"guess-{n}").status_code for n in range(62)]

    assert statuses == [422] * 60 + [429] * 2


def test_somebody_invited_again_loses_what_they_had_when_they_follow_and_not_before(room: Room, time: Clock) -> None:
    hire(room, name=NAME)
    old = room.client()
    sign_in(old, name=NAME)
    with room.app.app_context():
        token = invite(again=True)
    before = old.get("/").status_code

    client = room.client()
    first_page(client, token, "another-river-lantern-pepper")
    code = totp.code_of(shown_key(client), totp.step_at(time.time))
    send(client, "/welcome/factor", token_from="/welcome/factor", code=code)

    assert (before, old.get("/").status_code, client.get("/").status_code) == (200, 401, 200)
    assert send(room.client(), "/sign-in", name=NAME, passphrase=PASSPHRASE).status_code == 401
    browser = room.client()
    send(browser, "/sign-in", name=NAME, passphrase="another-river-lantern-pepper")
    for former in (factors_of(NAME).next_code(), factors_of(NAME).codes[0]):
        assert send(browser, "/sign-in/second", token_from="/sign-in/second", code=former).status_code == 401


def test_nobody_is_invited_twice_by_slip_or_into_another_role(room: Room, invitation: str) -> None:
    with room.app.app_context():
        with pytest.raises(Conflict):
            invite(" CLEO  chang ")
        with pytest.raises(NotFound):
            invite(again=True, role="coordinator")
        with pytest.raises(NotFound):
            invite(again=True, site="SS")
        with pytest.raises(NotFound):
            invite("Nobody Here", again=True)
        with pytest.raises(Invalid):
            invite("Paula", role="participant")


def test_who_is_invited_can_be_listed(room: Room, invitation: str, time: Clock) -> None:
    with room.app.app_context(), reading(BIND) as connection:
        (waiting,) = waiting_invitations(connection, BIND, now=NOW)
        later = waiting_invitations(connection, BIND, now=NOW + timedelta(days=7))

    assert waiting.expires_at == NOW + timedelta(days=7)
    assert later == []


def test_an_invitation_is_in_no_table_log_or_address(room: Room, invitation: str, time: Clock) -> None:
    client = room.client()
    answer = begin(client, invitation, time.time)

    kept = repr([rows(room, table) for table in (TABLES.invitations, TABLES.challenges, AUDIT_EVENTS[BIND])])

    assert invitation not in kept and invitation not in room.log.read_text()
    assert invitation not in answer.text
    assert PASSPHRASE not in kept


def test_what_waits_between_the_pages_is_sealed(room: Room, invitation: str) -> None:
    client = room.client()
    first_page(client, invitation)
    key = shown_key(client)

    (step,) = rows(room, TABLES.challenges)

    assert key.encode() not in step.sealed and b"argon2" not in step.sealed
    assert json.dumps(key) not in repr(client.get_cookie("__Host-clinic-form"))


def test_it_is_all_in_the_trail(room: Room, invitation: str, time: Clock) -> None:
    begin(room.client(), invitation, time.time)

    actions_seen = [row.action for row in rows(room, AUDIT_EVENTS[BIND])]

    assert actions_seen == ["account:create", "account:invite", "account:begin"]
