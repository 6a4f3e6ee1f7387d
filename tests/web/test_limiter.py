"""Tries are counted before anything is hashed, on both kinds of database, also when they come at once."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from flask import Flask

from studyportal.database import reading, writing
from studyportal.errors import NotSignedIn, TooMany
from studyportal.web.sign_in import actions, arriving, limiter
from studyportal.web.sign_in.door import Door
from studyportal.web.sign_in.passkeys import Party
from studyportal.web.sign_in.tables import SIGN_IN
from tests.factors import Factors, give_factors
from tests.web.conftest import BIND, COMMAND, NOW, PASSPHRASE, Room, hire, sign_in

SECRET = "a secret of the room, which is 32 characters or longer"


@pytest.fixture
def databases(request: pytest.FixtureRequest) -> Mapping[str, str]:
    return request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_databases")


both = pytest.mark.parametrize("databases", ["sqlite", "postgresql"], indirect=True)


def _try(*, name: str = "Ada", passphrase: str = "wrong", address: str = "192.0.2.1", now=NOW) -> str:
    return arriving.show_passphrase(_door(address), name=name, passphrase=passphrase, now=now)


def _door(address: str = "192.0.2.1") -> Door:
    return Door(BIND, "clinic", SECRET, Party("localhost", "http://localhost:8001"), address)


def _hire_ada() -> Factors:
    with writing(BIND) as connection:
        account = actions.add_account(
            connection,
            BIND,
            name="Ada",
            role="clinician",
            site=None,
            passphrase=PASSPHRASE,
            own_words=[],
            actor=COMMAND,
            now=NOW,
        )
    return give_factors(BIND, account, room_key=SECRET, now=NOW)


def _outcome(**attempt: str) -> str:
    try:
        _try(**attempt)
    except (NotSignedIn, TooMany) as refusal:
        return type(refusal).__name__
    return "in"


@both
def test_an_account_takes_ten_tries_in_a_quarter_of_an_hour_and_hashes_no_more(building: Flask) -> None:
    _hire_ada()
    with patch("studyportal.web.sign_in.arriving.is_passphrase", return_value=False) as hashed:
        outcomes = [_outcome(address=f"192.0.2.{n}") for n in range(13)]

    assert outcomes == ["NotSignedIn"] * 10 + ["TooMany"] * 3
    assert hashed.call_count == 10
    assert _outcome(passphrase=PASSPHRASE) == "TooMany"
    _try(passphrase=PASSPHRASE, now=NOW + limiter.WINDOW)


@both
def test_a_network_takes_sixty_tries_whoever_is_tried(building: Flask) -> None:
    with patch("studyportal.web.sign_in.arriving.is_passphrase", return_value=False) as hashed:
        outcomes = [_outcome(name=f"name {n}") for n in range(62)]

    assert outcomes == ["NotSignedIn"] * 60 + ["TooMany"] * 2
    assert hashed.call_count == 60
    with patch("studyportal.web.sign_in.arriving.is_passphrase", return_value=False):
        assert _outcome(name="name 0", address="192.0.2.2") == "NotSignedIn"


@both
def test_a_network_that_is_full_locks_nobody_out_and_adds_no_rows(building: Flask) -> None:
    _hire_ada()
    with patch("studyportal.web.sign_in.arriving.is_passphrase", return_value=False):
        for n in range(60):
            _outcome(name=f"name {n}")
        refused = [_outcome(name=name) for name in ("Ada",) * 12 + ("nobody",) * 12]

    with reading(BIND) as connection:
        rows = connection.scalar(sa.select(sa.func.count()).select_from(SIGN_IN[BIND].attempts))

    assert set(refused) == {"TooMany"}
    assert rows == 61
    _try(passphrase=PASSPHRASE, address="192.0.2.2")


@both
def test_an_unknown_name_is_limited_like_a_known_one(building: Flask) -> None:
    _hire_ada()
    with patch("studyportal.web.sign_in.arriving.is_passphrase", return_value=False):
        known = [_outcome(name="Ada", address="192.0.2.1") for _ in range(12)]
        unknown = [_outcome(name="Ida", address="192.0.2.2") for _ in range(12)]

    assert known == unknown


@both
def test_tries_that_come_at_once_are_all_counted(building: Flask) -> None:
    def attempt(_: int) -> str:
        with building.app_context():
            return _outcome()

    with (
        patch("studyportal.web.sign_in.arriving.is_passphrase", return_value=False) as hashed,
        ThreadPoolExecutor(8) as crowd,
    ):
        outcomes = list(crowd.map(attempt, range(24)))

    assert outcomes.count("NotSignedIn") == hashed.call_count == 10
    assert outcomes.count("TooMany") == 14


@both
def test_signing_in_forgives_the_slips_before(building: Flask) -> None:
    ada = _hire_ada()
    for _ in range(9):
        _outcome()
    step = _try(passphrase=PASSPHRASE)
    arriving.show_factor(_door(), step, arriving.Typed(ada.next_code(NOW)), old_token=None, now=NOW)

    assert _outcome() == "NotSignedIn"


@both
def test_the_passphrase_alone_forgives_nothing(building: Flask) -> None:
    _hire_ada()
    for _ in range(9):
        _outcome()
    _try(passphrase=PASSPHRASE)

    assert _outcome() == "TooMany"


@both
def test_windows_that_no_longer_matter_are_forgotten(building: Flask) -> None:
    _outcome(name="somebody")
    later = NOW + timedelta(days=3)
    with pytest.raises(NotSignedIn):
        _try(name="somebody else", now=later)

    with reading(BIND) as connection:
        starts = connection.execute(sa.select(SIGN_IN[BIND].attempts.c.window_start)).scalars().all()

    assert min(starts) > NOW + limiter.WINDOW


def test_the_table_does_not_say_who_tried_or_from_where(building: Flask) -> None:
    _outcome(name="my secret passphrase")

    with reading(BIND) as connection:
        rows = connection.execute(sa.select(SIGN_IN[BIND].attempts)).all()

    assert "secret" not in repr(rows) and "192.0.2" not in repr(rows)
    assert limiter.bucket("account", "Ada", secret="one") != limiter.bucket("account", "Ada", secret="another")
    assert limiter.bucket("account", "x", secret="one") != limiter.bucket("network", "x", secret="one")


def test_a_household_is_one_network() -> None:
    assert limiter.network_of("2001:db8:1:2:3:4:5:6") == limiter.network_of("2001:db8:1:2:ffff::1") == "2001:db8:1:2::"
    assert limiter.network_of("2001:db8:1:3::1") != limiter.network_of("2001:db8:1:2::1")
    assert limiter.network_of("::ffff:192.0.2.1") == limiter.network_of("192.0.2.1")
    assert limiter.network_of(None) == "unknown"


def test_whoever_waits_is_told_how_long() -> None:
    refusal = limiter.too_many(now=NOW + timedelta(minutes=3))

    assert 1 <= refusal.retry_after <= limiter.WINDOW.total_seconds()


def test_a_person_who_tried_too_often_gets_a_page_with_the_time_to_wait(room: Room) -> None:
    hire(room)
    client = room.client()
    with patch("studyportal.web.sign_in.arriving.is_passphrase", return_value=False):
        answers = [sign_in(client, passphrase="wrong") for _ in range(11)]

    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
