"""The exclusion attack as a researcher can play it: through the pages, with the ledger on."""

import csv
import io
import re
import time
from dataclasses import replace
from html import unescape

import numpy as np
import pyarrow as pa
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from studyportal.research.access.padding import HEAD
from tests.research.conftest import CONSENTS, Custody, Researcher
from tests.research.study import NOW, RELEASED, HandMade, hand_made
from tests.snapshots.whole import write_snapshot

# So many are shown as 20 at least, however they are blurred: what they said can be asked for.
OTHERS = 60
# Each pair of cohorts costs four: two steps of each.
PAIRS = [f"baseline.worst={band}" for band in ("0-2", "3-4", "5-7", "8-10")] + [
    f"baseline.diagnosis={name}" for name in ("lbp", "fm", "oa")
]


def one_other(made: HandMade, *, smokes: bool) -> HandMade:
    """The same people, of whom some said "Other"; one alone of these smokes, or none."""
    subjects, target = made.subjects, 17
    sex = np.array(["f" if one in ("o", None) else one for one in subjects["baseline__sex"].to_pylist()], object)
    answers = np.array(subjects["baseline__smokes"].to_pylist(), object)
    sex[:OTHERS], answers[:OTHERS] = "o", False
    answers[target] = smokes
    for name, values, kind in (("sex", sex, pa.string()), ("smokes", answers, pa.bool_())):
        column = f"baseline__{name}"
        subjects = subjects.set_column(subjects.column_names.index(column), column, pa.array(values.tolist(), kind))
    return replace(made, subjects=subjects)


def publish(custody: Custody, made: HandMade, *, number: int = 2) -> None:
    write_snapshot(
        custody.shelf, number, protocol=RELEASED, protocol_digest="0" * 64, subjects=made.subjects,
        instruments=made.tables, consents=CONSENTS, keys=custody.keys, now=NOW,
    )  # fmt: skip


def left(researcher: Researcher, criteria: str) -> list[list[str]]:
    """Each step with how many are left, as the file says."""
    answer = researcher.get(f"/projects/P-1/cohort/attrition.csv?{criteria}")
    assert answer.status_code == 200
    return [*csv.reader(io.StringIO(answer.text))]


@pytest.mark.parametrize("smokes", [True, False])
def test_every_smoker_beside_every_smoker_but_one_is_one_number(
    researcher: Researcher, room: Flask, custody: Custody, smokes: bool
) -> None:
    publish(custody, one_other(hand_made(600), smokes=smokes))

    pairs = []
    for more in PAIRS:
        everybody = left(researcher, f"baseline.smokes=yes&{more}")
        but_one = left(researcher, f"baseline.smokes=yes&{more}&baseline.sex=f&baseline.sex=m")
        pairs.append((everybody, but_one))

    assert all(first[-1][-1] == second[-1][-1] for first, second in pairs)
    # The rule that takes the one away is in force: without it, no attack was tried.
    # By chance, "Not answered", which nobody is, stands together with one bin or another.
    rules = {"Sex: Female or Male", "Sex: Female, Male or Not answered"}
    assert all(rules & dict(second).keys() and not rules & dict(first).keys() for first, second in pairs)


def test_known_and_new_answers_leave_at_whole_steps(researcher: Researcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studyportal.research.access.project.STEP", 1.0)

    began = time.monotonic()
    researcher.get("/projects/P-1/")

    assert time.monotonic() - began >= 1.0


def test_a_question_that_was_not_opened_before_is_answered_at_longer_steps_whoever_is_in_it(
    researcher: Researcher, custody: Custody, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(custody, one_other(hand_made(600), smokes=True))
    held: list[float] = []
    monkeypatch.setattr("studyportal.research.access.project.STEP", 0.1)
    monkeypatch.setattr("studyportal.research.access.project.monotonic", lambda: 7.0)
    monkeypatch.setattr("studyportal.research.access.project.sleep", held.append)

    for criteria in ("baseline.worst=5-7", "baseline.worst=5-7&baseline.sex=f&baseline.sex=m", "baseline.worst=5-7"):
        left(researcher, f"baseline.smokes=yes&{criteria}")

    assert held == [0.25, 0.25, 0.1]


def scattered(made: HandMade, *, apart: bool) -> HandMade:
    """The same people and margins; who smokes had the worst pain of all, or (`apart`) hardly anybody of them had."""
    subjects = made.subjects
    worst = np.sort(np.array(subjects["baseline__worst"].fill_null(0).to_pylist()))
    smokes = np.arange(len(worst)) < 200 if apart else np.arange(len(worst)) >= len(worst) - 200
    for name, values, kind in (("worst", worst, pa.int8()), ("smokes", smokes, pa.bool_())):
        column = f"baseline__{name}"
        subjects = subjects.set_column(subjects.column_names.index(column), column, pa.array(values.tolist(), kind))
    return replace(made, subjects=subjects)


@pytest.mark.parametrize("page", ["cohort", "cohort/attrition.csv", "cohort/picture.svg"])
def test_a_hidden_and_a_shown_number_differ_neither_in_size_nor_in_words(
    researcher: Researcher, custody: Custody, page: str
) -> None:
    researcher.get("/ask")  # The first form of a session sets its cookie.
    answers = []
    for number, apart in ((2, False), (3, True)):
        publish(custody, scattered(hand_made(600), apart=apart), number=number)
        of = "&of=attrition" if page.endswith("svg") else ""
        question = f"snapshot={number}&baseline.smokes=yes&baseline.worst=8-10{of}"
        answers.append(researcher.get(f"/projects/P-1/{page}?{question}"))

    shown, hidden = answers
    words = [re.sub(r"(n = )?\b\d+\b|(n )?(&lt;|\\u003c|<)10|<!--.*?-->|style=.*?>", "#", one.text) for one in answers]
    # The page's own explanation says it, too.
    assert unescape(hidden.text).count("<10") > unescape(shown.text).count("<10")
    assert shown.status_code == hidden.status_code == 200
    assert [*shown.headers.keys()] == [*hidden.headers.keys()]
    assert size(shown) == size(hidden)
    assert page.endswith("svg") or words[0] == words[1]


def size(answer: TestResponse) -> int:
    """How many bytes go over the line, but for the names of heads."""
    return len(answer.data) + len(answer.headers.get(HEAD, ""))
