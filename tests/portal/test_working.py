"""The worker does each thing that is wanted once, gives back what fails, and lets nobody's failure stop it."""

from datetime import timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from studyportal import outbox
from studyportal.database import reading, writing
from studyportal.errors import CannotOpen
from studyportal.outbox import queue
from studyportal.outbox.tables import OUTBOX
from studyportal.portal import reporting, working
from studyportal.portal.leasing import FORGET_EVERY, forget_done, work_once
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
    monkeypatch.setattr(
        working, "handlers", lambda room: {"rewrap": lambda work, **_: done.append(work.payload["enrolment"])}
    )
    monkeypatch.setattr(working, "fold", lambda settings, *, say, now: folds.append(now))

    def stopped(seconds: float) -> bool:
        rests.append(seconds)
        return len(rests) == 10

    work_until(SETTINGS, stopped=stopped, say=print, tell_time=lambda: next(clock))

    assert done == ["a", "b", "c"]
    assert rests[:3] == [0.0] * 3 and rests[3] == working.REST
    assert [(after - before) for before, after in pairwise(folds)] == [timedelta(hours=1)] * (len(folds) - 1)
    assert len(folds) == 3


def outboxes(bind: str) -> dict[str, str]:
    """Each piece of work that is in the outbox -> how it stands."""
    with reading(bind) as connection:
        rows = connection.execute(sa.select(OUTBOX[bind])).all()
    marks = {row.key: {"done": row.done_at, "leased": row.lease, "failed": row.failure, "waits": True} for row in rows}
    return {key: next(name for name, holds in found.items() if holds) for key, found in marks.items()}


@pytest.mark.parametrize("bind", ["registry", "workbench"])
def test_a_month_after_it_was_done_work_is_forgotten_and_nothing_else_is(bind, building, monkeypatch):
    monkeypatch.setattr(queue, "FORGOTTEN_AT_ONCE", 2)
    monkeypatch.setattr(outbox, "FORGOTTEN_AT_ONCE", 2)
    with writing(bind) as connection:
        for key in ("done 1", "done 2", "done 3", "done later", "failed", "leased", "waits"):
            outbox.put(connection, bind, "report", key, {}, now=NOW)
        for later, end in ((0, "finish"), (0, "finish"), (0, "finish"), (1, "finish"), (0, "fail"), (0, "leave")):
            at = NOW + timedelta(hours=later)
            work = outbox.lease(connection, bind, ["report"], now=at)
            if end == "finish":
                outbox.finish(connection, bind, work, now=at)
            elif end == "fail":
                outbox.fail(connection, bind, work, "CannotOpen", now=at)
    after = NOW + outbox.KEPT + timedelta(minutes=1)

    early = forget_done(now=NOW + outbox.KEPT, bind=bind)
    all_there = outboxes(bind)
    again = [forget_done(now=after, bind=bind) for _ in range(2)]

    assert early == NOW + outbox.KEPT + timedelta(hours=1) and len(all_there) == 7
    assert again == [after, after + timedelta(hours=1)]
    assert outboxes(bind) == {"done later": "done", "failed": "failed", "leased": "leased", "waits": "waits"}


def test_both_loops_forget_on_their_rhythm_once_nothing_waits(building, monkeypatch):
    forgotten = []
    monkeypatch.setattr(working, "handlers", lambda room: {})
    monkeypatch.setattr(reporting, "handlers", lambda room: {})
    monkeypatch.setattr(working, "fold", lambda settings, **_: None)
    rooms = {"registry": "custody", "workbench": "research"}

    def remember(*, now, bind="registry"):
        forgotten.append((rooms[bind], now))
        return now + FORGET_EVERY

    monkeypatch.setattr(working, "forget_done", remember)
    monkeypatch.setattr(reporting, "forget_done", remember)

    for loop in (work_until, reporting.report_until):
        clock, turns = iter(NOW + timedelta(minutes=25 * turn) for turn in range(9)), iter([False, False, False, True])
        loop(SETTINGS, stopped=lambda seconds, turns=turns: next(turns), say=print, tell_time=clock.__next__)

    # The first of nine moments is when the loop began.
    assert forgotten == [
        (room, NOW + timedelta(minutes=minutes)) for room in ("custody", "research") for minutes in (25, 100)
    ]
