"""Cohorts are saved by name in versions that never change, cited by an id, run again on another snapshot, and seen side
by side."""

import re

import pytest
from flask import Flask

from studyportal.database import writing
from studyportal.workbench.cohorts import add_cohort
from tests.research.conftest import Custody, Researcher
from tests.research.study import NOW

WOMEN = "/projects/P-1/cohort?baseline.sex=f"
WITHOUT = "/projects/P-1/cohort?baseline.sex=f&not-baseline.smokes=yes&not-baseline.diagnosis=fm"


def save(researcher: Researcher, address: str, name: str) -> str:
    """The address of the saved cohort's page."""
    answer = researcher.post(address, {"name": name})
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_a_name_has_versions_and_the_former_ones_stay(researcher: Researcher, custody: Custody) -> None:
    first = save(researcher, WOMEN, "Women")
    again = researcher.post(WOMEN, {"name": "Women"})
    other = save(researcher, "/projects/P-1/cohort?baseline.sex=m", "Men")
    second = save(researcher, WITHOUT, " Women ")

    listed = researcher.get("/projects/P-1/cohorts").text

    assert again.status_code == 422
    assert "already saved under this name, as C-1.1" in again.text
    assert re.findall(r"C-\d+\.\d+", listed) == ["C-2.1", "C-1.2", "C-1.1"]
    assert len({first, second, other}) == 3
    assert "Sex: Female" in researcher.get(first).text
    assert "But not those with" not in researcher.get(first).text
    page = researcher.get(second).text
    assert (
        "cohort C-1.2, snapshot 1 of 23 November 2026: Sex: Female; But not those with (Diagnosis: Fibromyalgia) and"
        in page
    )
    assert "not (baseline.diagnosis == &#34;fm&#34; and baseline.smokes == yes)" in page


def test_a_cohort_opens_on_its_snapshot_and_runs_again_on_the_newest(researcher: Researcher, custody: Custody) -> None:
    saved = save(researcher, WITHOUT, "Women")
    custody.publish(2, seed=2)

    on_its_own = researcher.get(f"{saved}/open").headers["Location"]
    again = researcher.get(f"{saved}/open?on=newest").headers["Location"]

    assert "snapshot=1" in on_its_own
    assert "baseline.sex=f" in on_its_own and "not-baseline.smokes=yes" in on_its_own
    assert "The newest is number 2" in researcher.get(on_its_own).text
    assert "snapshot=" not in again and "not-baseline.diagnosis=fm" in again
    assert "Run it again on snapshot 2" in researcher.get(saved).text
    newer = save(researcher, again, "Women")
    assert "C-1.2" in researcher.get(newer).text


def test_a_cohort_that_names_part_of_a_bin_is_shown_and_opened_as_the_whole(
    researcher: Researcher, room: Flask
) -> None:
    with room.app_context(), writing("workbench") as connection:
        kept = add_cohort(
            connection, project="P-1", name="No back", criteria='[["baseline.sites__back",["no"]]]', snapshot=1,
            created_by=researcher.id, now=NOW,
        )  # fmt: skip

    page = researcher.get(f"/projects/P-1/cohorts/{kept}").text
    opened = researcher.get(f"/projects/P-1/cohorts/{kept}/open", follow_redirects=True)

    for seen in (page, opened.text):
        assert "No or Not answered” is meant." in seen
    assert "baseline.sites__back=no&baseline.sites__back=not+answered" in opened.request.full_path


def test_two_cohorts_stand_side_by_side_with_the_same_results(researcher: Researcher) -> None:
    ids = [save(researcher, one, name).rpartition("/")[2] for one, name in ((WOMEN, "Women"), (WITHOUT, "Without"))]
    address = f"/projects/P-1/cohorts/beside?cohort={ids[0]}&cohort={ids[1]}&show=evening.pain"

    closed = researcher.get(address)
    opened = researcher.post(address, {})
    page = researcher.get(address)

    assert "nothing is subtracted" in closed.text
    assert "Open the results of both?" in closed.text
    assert '<section class="result"' not in closed.text
    assert opened.status_code == 303
    assert page.text.count('<section class="result"') == 2
    assert len(set(re.findall(r'id="result-[^"]+"', page.text))) == 2


@pytest.mark.parametrize("query", ["", "cohort={0}", "cohort={0}&cohort={0}", "cohort={0}&cohort=%00", "cohort={0}&cohort=x&show=y", "cohort={0}&cohort={1}&colour=blue", "cohort={0}&cohort={1}&show=nothing"])  # fmt: skip
def test_a_pair_that_is_none_is_refused_in_a_sentence(researcher: Researcher, query: str) -> None:
    ids = [save(researcher, one, name).rpartition("/")[2] for one, name in ((WOMEN, "Women"), (WITHOUT, "Without"))]

    answer = researcher.get(f"/projects/P-1/cohorts/beside?{query.format(*ids)}")

    assert answer.status_code in {404, 422}
    assert 'class="lead"' in answer.text


def test_another_project_s_cohort_is_not_found(researcher: Researcher, newcomer, room, custody: Custody) -> None:  # type: ignore[no-untyped-def]
    saved = save(researcher, WOMEN, "Women")
    other = newcomer("Otto Other")
    with room.app_context():
        custody.grant(other.id, "P-2")

    assert other.get(saved.replace("P-1", "P-2")).status_code == 404
