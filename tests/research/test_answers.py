"""What was answered is shared by all processes, sealed where it lies, and never answered twice in two ways."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

import numpy as np
import pytest
import sqlalchemy as sa
from flask import Flask

from studyportal.database import bind_config, db, install, reading
from studyportal.errors import CannotOpen
from studyportal.research.answers import StoredAnswers
from studyportal.research.disclosure import People, Protection
from studyportal.workbench.tables import ANSWERED_SETS
from tests.research.disclosure.synthetic import roll_of

ROLL = roll_of(600)
SECRET, KEY = bytes(range(32)), "k" * 44


def room_of(url: str) -> Flask:
    app = Flask("room")
    app.config["SQLALCHEMY_BINDS"] = {"workbench": bind_config(url)}
    install(app)
    return app


@contextmanager
def inside(url: str) -> Iterator[None]:
    with room_of(url).app_context():
        yield
        for engine in db.engines.values():
            engine.dispose()


def stored(*, key: str = KEY) -> StoredAnswers:
    return StoredAnswers("RT-1", key, SECRET)


def nearly_the_same(number: int) -> People:
    """Groups of about 60 of which neighbours differ by one or two people, and every tenth is far from the one
    before."""
    start = number // 10 * 50
    return ROLL.people(np.arange(start + number % 10, start + 60))


def ask_all(url: str, order: list[int]) -> dict[int, int | None]:
    """What one process answers, each group in a request of its own."""
    with inside(url):
        answers = stored().under(Protection())
        return {number: answers.of(ROLL, [nearly_the_same(number)])[0].shown for number in order}


def test_processes_that_race_for_nearly_the_same_sets_all_get_one_answer(databases: Mapping[str, str]) -> None:
    url, rng = databases["workbench"], np.random.default_rng(4)
    orders = [rng.permutation(60).tolist() for _ in range(2)]

    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        found = [*pool.map(ask_all, [url] * 2, orders)]

    assert found[0] == found[1]
    # Those who differ by up to nine people have one answer, whoever came first.
    for first in range(0, 60, 10):
        assert len({found[0][number] for number in range(first, first + 10)}) == 1
    assert ask_all(url, [*range(60)]) == found[0]


def test_another_process_answers_what_was_answered_before_as_it_was(databases: Mapping[str, str]) -> None:
    with inside(databases["workbench"]):
        one, two = (stored().under(Protection()) for _ in range(2))
        groups = [nearly_the_same(number) for number in range(40)]

        first = one.of(ROLL, groups[::-1])

        assert [answer.shown for answer in two.of(ROLL, groups)] == [answer.shown for answer in first[::-1]]
        assert [answer.members.tolist() for answer in one.of(ROLL, groups)] == [
            answer.members.tolist() for answer in two.of(ROLL, groups)
        ]


def test_what_lies_there_is_sealed_and_opens_with_no_other_key_and_in_no_other_place(
    databases: Mapping[str, str],
) -> None:
    with inside(databases["workbench"]):
        people = nearly_the_same(0)
        stored().under(Protection()).of(ROLL, [people])
        stored().under(Protection()).of(ROLL, [nearly_the_same(20)])

        with reading("workbench") as connection:
            rows = connection.execute(sa.select(ANSWERED_SETS)).all()
        assert [row.sequence for row in rows] == [1, 2]
        assert all(people.words.tobytes()[:8] not in row.sealed for row in rows)
        with pytest.raises(CannotOpen):
            stored(key="x" * 44).under(Protection()).of(ROLL, [people])
        with db.engines["workbench"].begin() as connection:
            moved = sa.update(ANSWERED_SETS).where(ANSWERED_SETS.c.sequence == 2)
            connection.execute(moved.values(sealed=rows[0].sealed))
        with pytest.raises(CannotOpen):
            stored().under(Protection()).of(ROLL, [people])


def test_who_withdrew_is_taken_out_of_what_lies_there_and_other_processes_see_it(databases: Mapping[str, str]) -> None:
    with inside(databases["workbench"]):
        one, two = stored(), stored()
        groups = [nearly_the_same(number) for number in range(0, 40, 10)]
        before = [answer.shown for answer in one.under(Protection()).of(ROLL, groups)]
        two.under(Protection()).of(ROLL, groups)

        one.forget({15, 20})

        gone = ROLL.people(np.array([15, 20]))
        rest = [group - gone for group in groups]
        assert [answer.shown for answer in two.under(Protection()).of(ROLL, rest)] == before
        for answers in (one, two, stored()):
            again = answers.under(Protection()).of(ROLL, rest)
            assert [answer.shown for answer in again] == before
            assert not any((ROLL.present(answer.members) & gone).size for answer in again)


def test_an_answer_that_could_not_be_kept_was_never_given(
    databases: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with inside(databases["workbench"]):
        answers = stored()
        kept = answers.under(Protection()).of(ROLL, [nearly_the_same(0)])[0].shown
        monkeypatch.setattr("studyportal.research.answers.add_answers", lambda *args, **more: 1 / 0)

        with pytest.raises(ZeroDivisionError):
            answers.under(Protection()).of(ROLL, [nearly_the_same(30)])
        monkeypatch.undo()

        assert len(answers._sets) == 1
        assert answers.under(Protection()).of(ROLL, [nearly_the_same(0)])[0].shown == kept
