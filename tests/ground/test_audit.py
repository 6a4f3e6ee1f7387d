"""The trail tells who did what, and tells when somebody has been at it."""

import threading
from datetime import UTC, datetime

import flask
import pytest
import sqlalchemy as sa

from studyportal import database
from studyportal.audit import ACTIONS, Actor, AuditEvent, record, verify

NOW = datetime(2026, 3, 2, 21, 40, tzinfo=UTC)


@pytest.fixture
def trail(tmp_path):
    """The file of a registry whose trail holds nothing yet."""
    app = flask.Flask("intake")
    app.config["SQLALCHEMY_BINDS"] = {"registry": database.bind_config(f"sqlite:///{tmp_path}/registry.db")}
    database.install(app)
    with app.app_context():
        with database.writing("registry") as connection:
            database.metadata("registry").create_all(connection)
        yield f"sqlite:///{tmp_path}/registry.db"


def submitted(entry: str) -> AuditEvent:
    return AuditEvent(Actor("intake", "participant", "p1"), "entry:submit", "entry", entry, {"occasion": 3})


def tell(*entries: str) -> None:
    for entry in entries:
        with database.writing("registry") as connection:
            record(connection, "registry", submitted(entry), now=NOW)


def verdict(witness=None):
    with database.reading("registry") as connection:
        return verify(connection, "registry", witness=witness)


def tamper(url: str, sql: str) -> None:
    """Change the file behind the portal's back, as somebody with the disk could."""
    with sa.create_engine(url).begin() as connection:
        connection.execute(sa.text(sql))


def test_an_untouched_trail_verifies(trail):
    tell("e1", "e2", "e3")

    found = verdict()

    assert found.whole
    assert found.events == 3


def test_writers_do_not_wait_for_each_others_chains(trail):
    app = flask.current_app._get_current_object()

    def write(name):
        with app.app_context():
            tell(*(f"{name}{n}" for n in range(5)))

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert verdict().whole
    assert verdict().events == 20
    assert len(verdict().heads) == 4


def test_an_event_of_a_change_that_failed_is_not_told(trail):
    with pytest.raises(RuntimeError), database.writing("registry") as connection:
        record(connection, "registry", submitted("e1"), now=NOW)
        raise RuntimeError

    tell("e2")

    assert verdict().whole
    assert verdict().events == 1


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_events SET actor_id = 'somebody else' WHERE sequence = 2",
        "UPDATE audit_events SET detail = '{}' WHERE sequence = 1",
        "UPDATE audit_events SET at = at + 1 WHERE sequence = 3",
        "DELETE FROM audit_events WHERE sequence = 1",
        "DELETE FROM audit_events WHERE sequence = 2",
    ],
)
def test_an_event_altered_or_removed_is_found(trail, sql):
    tell("e1", "e2", "e3")

    tamper(trail, sql)

    assert not verdict().whole


def test_a_trail_cut_at_its_end_is_found_by_a_witness_only(trail):
    tell("e1", "e2", "e3")
    witness = verdict().heads

    tamper(trail, "DELETE FROM audit_events WHERE sequence = 3")

    assert verdict().whole
    assert not verdict(witness).whole


def test_a_witness_still_holds_when_the_trail_has_grown(trail):
    tell("e1")
    witness = verdict().heads

    tell("e2", "e3")

    assert verdict(witness).whole


def test_an_action_without_a_line_in_the_table_cannot_be_told():
    with pytest.raises(ValueError, match="unknown audit action"):
        AuditEvent(Actor("intake", "participant", "p1"), "entry:read-aloud", "entry", "e1")


def test_the_table_of_actions_is_in_alphabetical_order():
    assert list(ACTIONS) == sorted(ACTIONS)
