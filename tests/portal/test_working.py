"""The worker does each thing that is wanted once, gives back what fails, and lets nobody's failure stop it."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from studyportal import outbox
from studyportal.database import reading, writing
from studyportal.errors import CannotOpen
from studyportal.portal import working
from studyportal.portal.leasing import work_once
from studyportal.portal.working import work_until
from tests.portal.cast import NOW

SETTINGS = SimpleNamespace()


def want(kind: str, key: str) -> None:
    with writing("registry") as connection:
        outbox.put(connection, "registry", kind, key, {"enrolment": key}, now=NOW)


def left() -> dict[str, int]:
    with reading("registry") as connection:
        return dict(outbox.waiting(connection, "registry"))


def test_what_is_wanted_is_done_once(building):
    done = []
    want("rewrap", "a")
    want("rewrap", "a")
    doing = {"rewrap": lambda work, *, settings, now: done.append(work.payload["enrolment"])}

    answers = [work_once(SETTINGS, doing=doing, say=print, now=NOW) for _ in range(2)]

    assert answers == [True, False]
    assert done == ["a"]
    assert left() == {}


@pytest.mark.parametrize("failure", [CannotOpen("A key does not open."), ValueError("a value nobody may read")])
def test_what_fails_comes_again_later_and_its_text_is_kept_nowhere(failure, building):
    said, tries = [], []
    want("withdraw", "w")

    def handler(work, *, settings, now):
        tries.append(now)
        if len(tries) == 1:
            raise failure

    work_once(SETTINGS, doing={"withdraw": handler}, say=said.append, now=NOW)
    at_once = work_once(SETTINGS, doing={"withdraw": handler}, say=said.append, now=NOW)
    with reading("registry") as connection:
        kept = connection.exec_driver_sql("SELECT failure FROM outbox").scalar_one()
    later = work_once(SETTINGS, doing={"withdraw": handler}, say=said.append, now=NOW + timedelta(minutes=2))

    assert (at_once, later) == (False, True)
    assert kept == type(failure).__name__
    assert not any("nobody may read" in sentence for sentence in said)
    assert left() == {}


def test_a_worker_that_lost_its_lease_says_so_and_finishes_nothing(building):
    said = []
    want("rewrap", "slow")

    def slow(work, *, settings, now):
        with writing("registry") as connection:
            outbox.lease(connection, "registry", ["rewrap"], now=NOW + timedelta(hours=1))

    work_once(SETTINGS, doing={"rewrap": slow}, say=said.append, now=NOW)

    assert left() == {"rewrap": 1}
    assert "will be done again" in said[0]


def test_reminders_wait_for_everything_else(building, monkeypatch):
    done = []
    for kind, key in (("reminder", "r"), ("rewrap", "a"), ("withdraw", "w")):
        want(kind, key)
    doing = dict.fromkeys(("reminder", "rewrap", "withdraw"), lambda work, **_: done.append(work.kind))
    monkeypatch.setattr(working, "handlers", lambda room: doing)
    monkeypatch.setattr(working, "fold", lambda settings, **_: None)
    said = []

    work_until(SETTINGS, stopped=lambda seconds: seconds > 0, say=said.append, tell_time=lambda: NOW)

    assert done == ["rewrap", "withdraw", "reminder"]
    assert any("Reminders could not be looked for" in sentence for sentence in said)  # these settings name no mail


def test_the_loop_empties_the_outbox_folds_on_its_rhythm_and_stops_when_told(building, monkeypatch):
    done, folds, rests = [], [], []
    for key in "abc":
        want("rewrap", key)
    clock = iter(NOW + timedelta(minutes=20 * turn) for turn in range(100))
    monkeypatch.setattr(working, "handlers", lambda room: {"rewrap": lambda work, **_: done.append(work.payload["enrolment"])})
    monkeypatch.setattr(working, "fold", lambda settings, *, say, now: folds.append(now))

    def stopped(seconds: float) -> bool:
        rests.append(seconds)
        return len(rests) == 10

    work_until(SETTINGS, stopped=stopped, say=print, tell_time=lambda: next(clock))

    assert done == ["a", "b", "c"]
    assert rests[:3] == [0.0] * 3 and rests[3] == working.REST
    assert [(after - before) for before, after in zip(folds, folds[1:], strict=False)] == [timedelta(hours=1)] * (len(folds) - 1)
    assert len(folds) == 3
