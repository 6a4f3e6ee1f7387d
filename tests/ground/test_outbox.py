"""No wanted work is lost, none is done twice, and a worker that slept too long changes nothing."""

from datetime import UTC, datetime, timedelta

import flask
import pytest
import sqlalchemy as sa

from studyportal import database, outbox
from studyportal.outbox.tables import OUTBOX

NOW = datetime(2026, 3, 2, 21, 40, tzinfo=UTC)


@pytest.fixture
def connection(tmp_path):
    """A transaction on a registry."""
    app = flask.Flask("custody")
    app.config["SQLALCHEMY_BINDS"] = {"registry": database.bind_config(f"sqlite:///{tmp_path}/registry.db")}
    database.install(app)
    with app.app_context(), database.writing("registry") as connection:
        database.metadata("registry").create_all(connection)
        yield connection


def put(connection, key="e1", now=NOW):
    return outbox.put(connection, "registry", "rewrap", key, {"enrolment": key}, now=now)


def lease(connection, now=NOW, kinds=("rewrap",)):
    return outbox.lease(connection, "registry", kinds, now=now)


def test_the_same_wish_twice_is_one_piece_of_work(connection):
    first, again = put(connection), put(connection)

    assert (first, again) == (True, False)
    assert outbox.waiting(connection, "registry") == {"rewrap": 1}


def test_leased_work_is_not_given_to_another_worker(connection):
    put(connection)

    mine, theirs = lease(connection), lease(connection)

    assert mine.payload == {"enrolment": "e1"}
    assert theirs is None


def test_work_comes_oldest_first_and_only_of_the_asked_kinds(connection):
    put(connection, "late", NOW + timedelta(seconds=1))
    put(connection, "early")

    assert lease(connection, kinds=("withdraw",)) is None
    assert lease(connection, NOW + timedelta(seconds=2)).payload == {"enrolment": "early"}


def test_work_of_a_dead_worker_comes_back_when_its_lease_has_run_out(connection):
    put(connection)
    lost = lease(connection)

    taken_over = lease(connection, NOW + timedelta(minutes=11))

    assert taken_over.id == lost.id
    assert taken_over.attempts == 2


def test_a_worker_that_lost_its_lease_cannot_finish(connection):
    put(connection)
    paused = lease(connection)
    current = lease(connection, NOW + timedelta(minutes=11))

    assert outbox.finish(connection, "registry", paused, now=NOW + timedelta(minutes=12)) is False
    assert outbox.finish(connection, "registry", current, now=NOW + timedelta(minutes=12)) is True


def test_failed_work_comes_again_later_and_later(connection):
    put(connection)
    moment, pauses = NOW, []

    for _ in range(9):
        outbox.fail(connection, "registry", lease(connection, moment), "OSError", now=moment)
        again = connection.scalar(sa.select(OUTBOX["registry"].c.available_at))
        pauses.append(again - moment)
        moment = again

    assert pauses[:4] == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)]
    assert max(pauses) == timedelta(hours=1)


def test_done_work_does_not_come_again_even_when_wanted_again(connection):
    put(connection)
    outbox.finish(connection, "registry", lease(connection), now=NOW)

    put(connection)

    assert lease(connection, NOW + timedelta(days=1)) is None
