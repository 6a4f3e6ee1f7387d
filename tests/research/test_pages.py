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


def test_the_cohort_page_shows_attrition_and_tables_and_says_how_they_are_protected(researcher: Researcher) -> None:
    page = researcher.get(COHORT)

    assert page.status_code == 200
    assert "Sex: Female" in page.text
    assert "Mean of the weekly means" in page.text
    assert "shown as &lt;10" in page.text
    assert "blurred (standard deviation 5)" in page.text


def test_a_table_file_holds_the_numbers_of_the_page(researcher: Researcher) -> None:
    page = researcher.get(COHORT).text
    file = researcher.get("/projects/P-1/cohort/table.csv?baseline.sex=f&of=baseline.age")

    rows = list(csv.reader(io.StringIO(file.text)))

    assert file.headers["Content-Disposition"] == 'attachment; filename="baseline.age.csv"'
    assert rows[0][:3] == ["Age", "Cohort", "Cohort, %"]
    shown = [cell for row in rows[1:] for cell in row[1:] if cell and cell != "<10"]
    assert shown
    assert all(re.search(rf'"n">{cell.replace(" %", "")}( %| ± [0-9.,]+)?</td>', page) for cell in shown)


def test_everything_on_every_page_is_protected(researcher: Researcher) -> None:
    page = researcher.get(
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
    page = researcher.get("/projects/P-1/cohort?evening.weeks__given=none&baseline.sex=f&show=baseline.smokes")

    assert page.status_code == 200
    assert "&lt;10" in page.text


def test_who_withdraws_is_gone_at_the_next_request(researcher: Researcher, custody: Custody) -> None:
    before = researcher.get("/projects/P-1/")
    custody.withdraw(frozenset(range(400)))

    after = researcher.get("/projects/P-1/")

    assert people_who_share(before.text) == pytest.approx(600, abs=20)
    assert people_who_share(after.text) == pytest.approx(257, abs=20)


def test_a_cohort_is_saved_by_name_and_found_again_on_its_snapshot(researcher: Researcher, custody: Custody) -> None:
    saved = researcher.post(COHORT, {"name": "Women"})
    again = researcher.post(COHORT, {"name": "Women"})
    custody.publish(2, seed=2)

    listed = researcher.get("/projects/P-1/cohorts").text
    link = re.search(r'href="(/projects/P-1/cohorts/[0-9a-f-]+)"', listed)
    assert link
    opened = researcher.get(link[1])

    assert saved.status_code == 303
    assert again.status_code == 422
    assert "already has a cohort of that name" in again.text
    assert "snapshot=1" in opened.headers["Location"]
    assert "baseline.sex=f" in opened.headers["Location"]
    assert "The newest is number 2" in researcher.get(opened.headers["Location"]).text


def test_before_the_first_snapshot_the_page_says_so(researcher: Researcher, custody: Custody) -> None:
    (custody.shelf / "000001").rename(custody.shelf / "away")

    answer = researcher.get("/projects/P-1/")

    assert answer.status_code == 404
    assert "No snapshot has been published yet" in answer.text


def test_a_snapshot_with_an_altered_byte_is_not_shown(researcher: Researcher, custody: Custody) -> None:
    file = custody.shelf / "000001" / "subjects.0001.parquet"
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)

    answer = researcher.get("/projects/P-1/")

    assert answer.status_code >= 400
    assert "altered" in answer.text
