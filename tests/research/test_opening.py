"""Results are charged to the project's ledger by what was asked; what was opened once costs nothing again."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.database import reading, writing
from studyportal.workbench.ledger import LedgerBlock, add_blocks, blocks_of
from tests.research.conftest import Custody, Researcher
from tests.research.study import NOW

COHORT = "/projects/P-1/cohort?baseline.sex=f&baseline.smokes=yes"


def opened(room: Flask, project: str = "P-1") -> set[tuple[str, str, str]]:
    with room.app_context(), reading("workbench") as connection:
        return {(block.kind, block.criteria, block.item) for block in blocks_of(connection, project)}


def noted(room: Flask, action: str) -> int:
    with room.app_context(), reading("workbench") as connection:
        events = AUDIT_EVENTS["workbench"]
        return connection.execute(sa.select(sa.func.count()).where(events.c.action == action)).scalar_one()


def test_the_price_is_said_before_results_are_opened_and_what_was_opened_is_free(
    researcher: Researcher, room: Flask
) -> None:
    address = f"{COHORT}&show=baseline.age&show=evening.pain"
    everybody = researcher.get("/projects/P-1/cohort?show=baseline.age&show=evening.pain")
    nothing = opened(room)

    before = researcher.get(address)
    only_steps = opened(room)
    for _ in range(2):
        page = researcher.open(address)

    assert everybody.status_code == before.status_code == page.status_code == 200
    assert everybody.text.count('<section class="result"') == 2
    assert nothing == set()
    assert "Opening this costs 9 in the ledger of the project, where 1 of 50 are used" in before.text
    assert before.text.count('<section class="result"') == 0
    women, smoking = '["baseline.sex",["f"]]', '["baseline.smokes",["yes"]]'
    assert only_steps == {("step", f"[{women},{smoking}]", "")}
    assert opened(room) == only_steps | {
        ("item", f"[{women},{smoking}]", "baseline.age"),
        ("course", f"[{women},{smoking}]", "evening.pain"),
    }
    assert page.text.count('<section class="result"') == 2
    assert "Open results" not in page.text
    assert "10 of 50 are used for these people" in page.text
    assert noted(room, "ledger:open") == 2


def test_a_step_of_one_bin_is_free_and_of_two_is_not(researcher: Researcher, room: Flask) -> None:
    researcher.get("/projects/P-1/cohort?baseline.sites__back=no&show=baseline.age")
    researcher.get("/projects/P-1/cohort?evening.pain__mean=5+to+under+7.5&show=baseline.age")
    free = opened(room)

    researcher.get("/projects/P-1/cohort?baseline.age=30-39&baseline.age=40-49&show=baseline.age")

    assert free == set()
    assert opened(room) == {("step", '[["baseline.age",["30-39","40-49"]]]', "")}


def test_files_are_of_what_was_opened(researcher: Researcher, room: Flask) -> None:
    table = COHORT.replace("/cohort?", "/cohort/table.csv?") + "&of=evening.flare"
    picture = COHORT.replace("/cohort?", "/cohort/picture.svg?") + "&of=evening.flare"

    closed = [researcher.get(address) for address in (table, picture)]
    researcher.open(f"{COHORT}&show=evening.flare")

    assert [one.status_code for one in closed] == [403, 403]
    assert "was not opened yet" in closed[0].text
    assert [researcher.get(address).status_code for address in (table, picture)] == [200, 200]
    assert len(opened(room)) == 2


def test_a_divided_page_publishes_each_partition_by_itself(researcher: Researcher, room: Flask) -> None:
    address = f"{COHORT}&show=table_one&item=baseline.age&show=evening.pain&by=baseline.diagnosis"

    page = researcher.open(address)

    assert page.text.count('<section class="result"') == 2
    assert {about for _, _, about in opened(room)} == {
        "", "baseline.age", "baseline.age by baseline.diagnosis", "evening.pain by baseline.diagnosis",
        "evening.pain by baseline.diagnosis apart",
    }  # fmt: skip
    # Of everybody as well: a margin is free, what is divided is not.
    assert (
        "Open results"
        in researcher.get("/projects/P-1/cohort?show=table_one&item=baseline.age&by=baseline.diagnosis").text
    )


def test_a_spent_ledger_sends_every_cohort_to_a_reviewer_alike_and_shows_what_was_opened(
    researcher: Researcher, room: Flask
) -> None:
    smoking = '[["baseline.smokes",["yes"]]]'
    with room.app_context(), writing("workbench") as connection:
        blocks = [LedgerBlock(1, smoking, "item", f"evening.question_{number}") for number in range(42)]
        blocks += [LedgerBlock(1, smoking, "course", "evening.pain")]
        add_blocks(connection, blocks, project="P-1", account=researcher.id, now=NOW)

    addresses = [f"/projects/P-1/cohort?baseline.sex={sex}&show=evening.pain&show=dose.amount" for sex in ("o", "f")]
    pages = [researcher.get(address) for address in addresses]
    small, large = (researcher.post(address.replace("/cohort?", "/cohort/open?"), {}) for address in addresses)
    opened_before = researcher.get("/projects/P-1/cohort?baseline.smokes=yes&show=evening.pain")
    others = researcher.open("/projects/P-1/cohort?baseline.smokes=no&show=evening.pain")

    assert all("Ask the data custodian for a review" in page.text and "Open results" not in page.text for page in pages)
    assert all("Ask for a review</a>" in page.text for page in (*pages, small, large))
    assert small.status_code == large.status_code == 403
    assert "Ask the data custodian for a review" in large.text
    assert re.sub(r"value=\"[^\"]+\"", "", small.text).replace("sex=o", "sex=f") == re.sub(
        r"value=\"[^\"]+\"", "", large.text
    )
    assert '<section class="result"' in opened_before.text
    # Nobody can have answered both, so these people were in nothing yet.
    assert '<section class="result"' in others.text
    assert noted(room, "ledger:refuse") == 2


def test_a_report_says_its_price_before(researcher: Researcher, room: Flask) -> None:
    page = researcher.get(COHORT)

    asked = researcher.post("/projects/P-1/reports?baseline.sex=f&baseline.smokes=yes", {"size": "A4"})

    assert "Opening this costs 35 in the ledger of the project, where 1 of 50 are used for these people." in page.text
    assert asked.status_code == 303
    assert "36 of 50 are used" in researcher.get(COHORT).text


def test_what_another_project_opened_counts_for_the_study_and_not_for_this_one(
    researcher: Researcher, room: Flask, custody: Custody, newcomer: Callable[[str], Researcher]
) -> None:
    other = newcomer("Otto Other")
    with room.app_context():
        custody.grant(other.id, "P-2")

    researcher.open(f"{COHORT}&show=evening.pain")
    page = other.open(f"{COHORT.replace('P-1', 'P-2')}&show=evening.pain")

    assert page.status_code == 200
    assert "9 of 50 are used for these people" in page.text
    assert opened(room, "P-1") == opened(room, "P-2")


@pytest.mark.parametrize("query", ["baseline.sex=f&baseline.smokes=yes&show=evening.pain"])
def test_two_projects_see_the_same_numbers(
    query: str, researcher: Researcher, room: Flask, custody: Custody, newcomer: Callable[[str], Researcher]
) -> None:
    other = newcomer("Otto Other")
    with room.app_context():
        custody.grant(other.id, "P-2")

    for who, project in ((researcher, "P-1"), (other, "P-2")):
        who.open(f"/projects/{project}/cohort?{query}")
    files = [
        who.get(f"/projects/{project}/cohort/table.csv?{query.partition('&show')[0]}&of=evening.pain").data
        for who, project in ((researcher, "P-1"), (other, "P-2"))
    ]

    assert files[0] == files[1]
