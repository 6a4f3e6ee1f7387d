"""A passphrase alone opens nothing; a code opens once, also when two bring it at the same time; guessing ends soon."""

import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from flask import Flask

from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.database import reading, writing
from studyportal.errors import CannotOpen, Gone, NotSignedIn, TooMany
from studyportal.web.sign_in import actions, arriving, factors, recovery, totp
from studyportal.web.sign_in.tables import HOW, SIGN_IN
from tests.factors import Factors, give_factors
from tests.web.conftest import (
    BIND,
    COMMAND,
    NOW,
    PASSPHRASE,
    Clock,
    Room,
    at_second_step,
    cookie,
    door,
    factors_of,
    hire,
    rows,
    send,
    settings_with,
    sign_in,
)
from tests.web.test_limiter import _door, _hire_ada

TABLES = SIGN_IN[BIND]


@pytest.fixture
def databases(request: pytest.FixtureRequest) -> Mapping[str, str]:
    return request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_databases")


both = pytest.mark.parametrize("databases", ["sqlite", "postgresql"], indirect=True)


def second(client, code: str):
    return send(client, "/sign-in/second", token_from="/sign-in/second", code=code)


def first_step(now=NOW) -> str:
    return arriving.show_passphrase(_door(), name="Ada", passphrase=PASSPHRASE, now=now)


def at_once(building: Flask, code: str, how_many: int = 8) -> list[str]:
    """So many browsers, each past the passphrase, bring the same code at the same time."""
    steps = [first_step() for _ in range(how_many)]

    def bring(step: str) -> str:
        with building.app_context():
            try:
                arriving.show_factor(_door(), step, arriving.Typed(code), old_token=None, now=NOW)
            except (NotSignedIn, Gone) as refusal:
                return type(refusal).__name__
            return "in"

    # The limit on tries would let five of them try; here it is about what happens to those who may.
    plenty = patch.dict("studyportal.web.sign_in.limiter.LIMITS", {"factor": 100, "account": 100})
    with plenty, ThreadPoolExecutor(how_many) as crowd:
        return sorted(crowd.map(bring, steps))


def test_a_passphrase_alone_opens_nothing(room: Room) -> None:
    hire(room)
    client = room.client()

    page = at_second_step(room, client)

    assert page.status_code == 200
    assert cookie(client) is None
    assert client.get("/").status_code == 401
    assert rows(room, TABLES.sessions) == []


def test_the_code_of_the_app_opens_the_room(room: Room) -> None:
    hire(room)
    client = room.client()
    at_second_step(room, client)

    answer = second(client, factors_of().next_code())

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert client.get("/").status_code == 200
    assert [row.how for row in rows(room, TABLES.sessions)] == ["totp"]


def test_a_code_with_a_gap_is_the_same_code(room: Room) -> None:
    hire(room)
    client = room.client()
    at_second_step(room, client)
    code = factors_of().next_code()

    assert second(client, f" {code[:3]} {code[3:]} ").status_code == 303


def test_a_code_that_was_used_is_refused(room: Room, time: Clock) -> None:
    hire(room)
    mine, thief = room.client(), room.client()
    code = factors_of().next_code()
    at_second_step(room, mine)
    second(mine, code)
    at_second_step(room, thief)

    answer = second(thief, code)

    assert answer.status_code == 401
    assert "used before" in answer.text
    assert thief.get("/").status_code == 401


def test_an_older_code_is_refused_after_a_newer_one(room: Room, time: Clock) -> None:
    hire(room)
    secret, step = factors_of().secret, totp.step_at(time.time)
    client, thief = room.client(), room.client()
    at_second_step(room, client)
    second(client, totp.code_of(secret, step))
    at_second_step(room, thief)

    assert second(thief, totp.code_of(secret, step - 1)).status_code == 401


@pytest.mark.parametrize("away", [-2, 2])
def test_a_code_of_another_time_is_refused(room: Room, time: Clock, away: int) -> None:
    hire(room)
    client = room.client()
    at_second_step(room, client)

    assert second(client, totp.code_of(factors_of().secret, totp.step_at(time.time) + away)).status_code == 401


@both
def test_of_eight_who_bring_one_code_at_once_one_comes_in(building: Flask) -> None:
    ada = _hire_ada()

    outcomes = at_once(building, totp.code_of(ada.secret, totp.step_at(NOW)))

    assert outcomes == ["NotSignedIn"] * 7 + ["in"]


@both
def test_of_eight_who_bring_one_recovery_code_at_once_one_comes_in(building: Flask) -> None:
    ada = _hire_ada()

    outcomes = at_once(building, ada.codes[0])

    assert outcomes == ["NotSignedIn"] * 7 + ["in"]


@both
def test_of_eight_who_bring_one_step_at_once_one_comes_in(building: Flask) -> None:
    ada, step = _hire_ada(), first_step()

    def bring(code: str) -> str:
        with building.app_context():
            try:
                arriving.show_factor(_door(), step, arriving.Typed(code), old_token=None, now=NOW)
            except (NotSignedIn, Gone) as refusal:
                return type(refusal).__name__
            return "in"

    with patch.dict("studyportal.web.sign_in.limiter.LIMITS", {"factor": 100}), ThreadPoolExecutor(8) as crowd:
        outcomes = sorted(crowd.map(bring, ada.codes[:8]))
    with reading(BIND) as connection:
        left = connection.scalar(sa.select(sa.func.count()).where(TABLES.recovery_codes.c.used_at.is_(None)))

    assert outcomes == ["Gone"] * 7 + ["in"]
    assert left == len(ada.codes) - 1  # a refusal uses nothing up


def test_a_recovery_code_opens_once_whatever_its_case_and_dashes(room: Room) -> None:
    hire(room)
    client, thief = room.client(), room.client()
    code = factors_of().codes[3]
    at_second_step(room, client)
    typed = code.upper().replace("-", " ").replace("0", "o").replace("1", "L")

    first = second(client, typed)
    at_second_step(room, thief)
    again = second(thief, code)

    assert (first.status_code, again.status_code) == (303, 401)
    assert [row.how for row in rows(room, TABLES.sessions)] == ["recovery"]


def test_a_colleagues_code_opens_nothing(room: Room) -> None:
    hire(room)
    hire(room, name="Bo Berg", role="coordinator")
    client = room.client()

    for code in (factors_of("Bo Berg").next_code(), factors_of("Bo Berg").codes[0]):
        at_second_step(room, client)
        assert second(client, code).status_code == 401


@pytest.mark.parametrize("code", ["000000", "0000-0000-0000-0000"])
def test_guesses_end_before_they_are_compared(room: Room, time: Clock, code: str) -> None:
    hire(room)
    client = room.client()
    at_second_step(room, client)
    with (
        patch("studyportal.web.sign_in.factors.take_digits", return_value=False) as digits,
        patch("studyportal.web.sign_in.recovery.take_code", return_value=False) as codes,
    ):
        answers = [second(client, code) if n < 6 else None for n in range(6)]

    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert digits.call_count + codes.call_count == 5
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_guesses_are_counted_over_every_step_and_either_kind(room: Room, time: Clock) -> None:
    hire(room)
    statuses = []
    for code in ("000000", "0000-0000-0000-0000", "nonsense", "111111", "222222", factors_of().next_code()):
        client = room.client()
        at_second_step(room, client)
        statuses.append(second(client, code).status_code)

    assert statuses == [401] * 5 + [429]


def test_thirty_guesses_are_all_of_a_day_and_a_passkey_is_still_offered(building: Flask) -> None:
    _hire_ada()
    outcomes = []
    for quarter in range(7):
        now = NOW + timedelta(minutes=15 * quarter)
        step = first_step(now)
        for _ in range(5):
            try:
                arriving.show_factor(_door(), step, arriving.Typed("000000"), old_token=None, now=now)
            except (NotSignedIn, TooMany) as refusal:
                outcomes.append(refusal)

    assert [type(one) for one in outcomes] == [NotSignedIn] * 30 + [TooMany] * 5
    assert "today" in outcomes[-1].sentence and outcomes[-1].retry_after > 3600


@both
def test_guesses_that_come_at_once_are_all_counted(building: Flask) -> None:
    _hire_ada()
    step = first_step()

    def guess(_: int) -> str:
        with building.app_context():
            try:
                arriving.show_factor(_door(), step, arriving.Typed("000000"), old_token=None, now=NOW)
            except (NotSignedIn, TooMany) as refusal:
                return type(refusal).__name__
            return "in"

    with (
        patch("studyportal.web.sign_in.factors.take_digits", return_value=False) as compared,
        ThreadPoolExecutor(8) as crowd,
    ):
        outcomes = list(crowd.map(guess, range(16)))

    assert outcomes.count("NotSignedIn") == compared.call_count == 5
    assert outcomes.count("TooMany") == 11


def test_the_second_page_is_nobodys_without_the_first(room: Room) -> None:
    client = room.client()

    shown = client.get("/sign-in/second")
    sent = send(client, "/sign-in/second", code="123456")

    assert shown.headers["Location"] == sent.headers["Location"] == "/sign-in"


def test_a_step_that_took_too_long_begins_again(room: Room, time: Clock) -> None:
    hire(room)
    client = room.client()
    at_second_step(room, client)
    time.wait(minutes=11)

    answer = client.get("/sign-in/second")

    assert answer.headers["Location"] == "/sign-in"
    assert "took too long" in client.get("/sign-in").text


def test_an_account_that_ends_between_the_steps_is_refused(room: Room) -> None:
    account = hire(room)
    client = room.client()
    at_second_step(room, client)
    with room.app.app_context(), writing(BIND) as connection:
        actions.end_account(connection, BIND, account, actor=COMMAND, now=NOW)

    answer = second(client, factors_of().next_code())

    assert answer.status_code == 401
    assert rows(room, TABLES.sessions) == []


def test_an_account_without_a_factor_is_told_what_to_do_and_not_let_in(room: Room) -> None:
    account = hire(room)
    with room.app.app_context(), writing(BIND) as connection:
        factors.remove_all(connection, BIND, account)
    client = room.client()

    page = at_second_step(room, client).text

    assert "no second factor yet" in page and "invite you again" in page
    assert cookie(client) is None


def test_the_code_stands_on_the_page_of_a_synthetic_study_alone(make: Callable[..., Room], time: Clock) -> None:
    shown = {}
    for synthetic in (True, False):
        room = make(synthetic=synthetic, secret_key=settings_with().secret_key)
        hire(room, name=f"Ada {synthetic}")
        client = room.client()
        page = at_second_step(room, client, name=f"Ada {synthetic}").text
        shown[synthetic] = re.findall(r'class="code">(\d{3}) (\d{3})<', page)
        assert ("Only in this demonstration" in page) is synthetic

    ((left, right),) = shown[True]
    client = room.client()
    assert shown[False] == []
    assert left + right == totp.code_of(factors_of("Ada True").secret, totp.step_at(time.time))


def test_the_demonstration_shows_the_next_code_where_the_present_one_was_used(room: Room, time: Clock) -> None:
    hire(room)
    step = totp.step_at(time.time)
    shown = []
    for _ in range(3):
        client = room.client()
        shown.append(re.findall(r'class="code">(\d{3}) (\d{3})<', at_second_step(room, client).text))
        for left, right in shown[-1]:
            second(client, left + right)

    codes = [totp.code_of(factors_of().secret, one) for one in (step, step + 1)]
    assert shown == [[(code[:3], code[3:])] for code in codes] + [[]]


def test_a_copy_of_the_database_holds_no_code_and_no_key(room: Room) -> None:
    hire(room)
    client = room.client()
    sign_in(client)
    carried = factors_of()

    (factor,), codes = rows(room, TABLES.factors), rows(room, TABLES.recovery_codes)
    kept = repr([factor, codes, rows(room, TABLES.challenges)]) + factor.sealed_secret.hex()

    assert carried.secret not in kept and carried.secret.encode().hex() not in kept
    assert not any(recovery.read_code(code) in kept or code in kept for code in carried.codes)


def test_a_key_that_is_moved_to_another_row_does_not_open(room: Room) -> None:
    hire(room)
    hire(room, name="Mallory", role="coordinator")
    with room.app.app_context(), writing(BIND) as connection:
        mine, theirs = (factors.factors_of(connection, BIND, row.account)[0] for row in rows(room, TABLES.factors))
        table = TABLES.factors
        stolen = sa.update(table).where(table.c.id == theirs.id).values(sealed_secret=mine.sealed_secret)
        connection.execute(stolen)
        (moved,) = factors.factors_of(connection, BIND, theirs.account)

        with pytest.raises(CannotOpen):
            factors.secret_of(moved, BIND, room_key=door(room).room_key)


def test_a_room_with_another_key_opens_nothing_of_before(building: Flask) -> None:
    _hire_ada()

    with reading(BIND) as connection:
        (row,) = connection.execute(sa.select(TABLES.factors)).all()

    with pytest.raises(CannotOpen):
        factors.secret_of(row, BIND, room_key="another secret key, of 32 characters or more")


def test_a_refusal_is_written_down_and_says_at_which_step(room: Room) -> None:
    account = hire(room)
    client = room.client()
    at_second_step(room, client)
    second(client, "000000")

    refused = [row for row in rows(room, AUDIT_EVENTS[BIND]) if row.action == "session:refuse"]

    assert [(row.object_id, row.detail) for row in refused] == [(str(account), '{"step":"second"}')]


def test_every_code_is_read_as_it_is_written_and_a_sheet_has_ten_of_80_bits() -> None:
    codes = recovery.new_codes()

    assert len(set(codes)) == len(codes) == 10
    assert all(recovery.read_code(code) == code.replace("-", "") for code in codes)
    assert recovery.read_code("too short") is None and recovery.read_code("u" * 16) is None


def test_the_shortest_words_for_each_way_in_are_there() -> None:
    assert set(HOW) == {"totp", "passkey", "recovery"}


def test_a_test_never_brings_the_same_code_twice() -> None:
    carried = Factors()

    brought = [carried.next_code(NOW) for _ in range(8)]

    assert len(set(brought)) == 8
    assert [bool(totp.read_digits(code)) for code in brought] == [True] * 2 + [False] * 6


def test_an_app_shows_the_codes_of_the_standard() -> None:
    # RFC 6238, appendix B: SHA-1, the last six of its eight digits.
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

    assert [totp.code_of(secret, second // 30) for second in (59, 1111111109, 2000000000)] == [
        "287082",
        "081804",
        "279037",
    ]


def test_new_codes_replace_the_former(building: Flask) -> None:
    ada = _hire_ada()
    with reading(BIND) as connection:
        account = connection.scalar(sa.select(TABLES.accounts.c.id))
    give_factors(BIND, account, room_key=_door().room_key, now=NOW)

    with pytest.raises(NotSignedIn):
        arriving.show_factor(_door(), first_step(), arriving.Typed(ada.codes[0]), old_token=None, now=NOW)
