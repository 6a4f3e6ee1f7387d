"""What a researcher meets: their projects, the snapshot, the cohort page and its files."""

import csv
import io
import re

import pytest

from tests.research.conftest import Custody, Researcher

COHORT = "/projects/P-1/cohort?baseline.sex=f&show=baseline.age&show=evening.pain"


def people_who_share(page: str) -> int:
    """The number on a snapshot's page."""
    found = re.search(r"People who share</dt><dd>([0-9,]+)</dd>", page)
    assert found
    return int(found[1].replace(",", ""))


def test_a_researcher_sees_the_snapshot_as_protected_number_and_codebook(researcher: Researcher) -> None:
    page = researcher.get("/projects/P-1/")

    assert page.status_code == 200
    assert people_who_share(page.text) == pytest.approx(600, abs=20)
    assert "Low back pain" in page.text
    assert "Your name" not in page.text


def test_the_cohort_page_shows_attrition_and_results_and_says_how_they_are_protected(researcher: Researcher) -> None:
    page = researcher.open(COHORT)

    assert page.status_code == 200
    assert "Sex: Female" in page.text
    assert "answers of a week are averaged first" in page.text
    assert "shown as &lt;10" in page.text
    assert "blurred (standard deviation 5)" in page.text


def test_a_table_file_holds_the_numbers_of_the_page(researcher: Researcher) -> None:
    page = researcher.open(COHORT).text
    file = researcher.get("/projects/P-1/cohort/table.csv?baseline.sex=f&of=baseline.age")

    rows = list(csv.reader(io.StringIO(file.text)))

    assert file.headers["Content-Disposition"] == 'attachment; filename="baseline.age.csv"'
    assert rows[0][:3] == ["Age", "Cohort", "Cohort, %"]
    shown = [cell for row in rows[1:] for cell in row[1:] if cell and cell != "<10"]
    assert shown
    assert all(re.search(rf'"n">{cell.replace(" %", "")}( %| ± [0-9.,]+)?</td>', page) for cell in shown)


def test_everything_on_every_page_is_protected(researcher: Researcher) -> None:
    page = researcher.open(
        "/projects/P-1/cohort?baseline.sex=o&show=baseline.age&show=dose.amount&show=evening.mood"
    ).text

    numbers = {int(n.replace(",", "")) for n in re.findall(r'class="n">([0-9,]+)</td>', page)}

    assert numbers
    assert all(n % 5 == 0 and n >= 10 for n in numbers)


@pytest.mark.parametrize(
    "query",
    [
        "baseline.unknown=f",
        "baseline.sex=x",
        "colour=blue",
        "show=nothing",
        "&".join(f"show=baseline.{name}" for name in ["sex", "age", "diagnosis", "since", "worst", "expects", "weight", "smokes"])
        + "&show=evening.pain",
        "&".join(f"baseline.sex={n}" for n in range(500)),
        "&".join("baseline.sex=f" for _ in range(900)),
        "baseline.sex=f&baseline.smokes=yes&baseline.diagnosis=fm&baseline.age=18-29&evening.weeks__given=none",
        "baseline.sex=%00&baseline.sex='%20OR%201=1--",
    ],
)  # fmt: skip
def test_a_hostile_question_gets_a_sentence(researcher: Researcher, query: str) -> None:
    answer = researcher.get(f"/projects/P-1/cohort?{query}")

    assert answer.status_code == 422
    assert 'class="lead"' in answer.text
    assert "OR 1=1" not in answer.text


@pytest.mark.parametrize("number", ["0", "2", "-1", "999999", "9999999", "x", "%F0%9F%98%80"])
def test_a_snapshot_that_is_not_there_is_not_found(researcher: Researcher, number: str) -> None:
    answer = researcher.get(f"/projects/P-1/cohort?snapshot={number}")

    assert answer.status_code == 404


def test_criteria_that_nobody_meets_look_like_a_small_group(researcher: Researcher) -> None:
    page = researcher.open("/projects/P-1/cohort?evening.weeks__given=none&baseline.sex=f&show=baseline.smokes")

    assert page.status_code == 200
    assert "&lt;10" in page.text


def test_who_withdraws_is_gone_at_the_next_request(researcher: Researcher, custody: Custody) -> None:
    before = researcher.get("/projects/P-1/")
    custody.withdraw(frozenset(range(400)))

    after = researcher.get("/projects/P-1/")

    assert people_who_share(before.text) == pytest.approx(600, abs=20)
    assert people_who_share(after.text) == pytest.approx(257, abs=20)


def test_before_the_first_snapshot_the_page_says_so(researcher: Researcher, custody: Custody) -> None:
    (custody.shelf / "000001").rename(custody.shelf / "away")

    answer = researcher.get("/projects/P-1/")

    assert answer.status_code == 404
    assert "No snapshot has been published yet" in answer.text


def test_a_snapshot_with_an_altered_byte_is_not_shown(researcher: Researcher, custody: Custody) -> None:
    file = next((custody.shelf / "000001").glob("subjects*.parquet"))
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)

    answer = researcher.get("/projects/P-1/")

    assert answer.status_code >= 400
    assert "altered" in answer.text
