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


def test_a_page_is_charged_once_and_margins_of_everybody_are_free(researcher: Researcher, room: Flask) -> None:
    everybody = researcher.get("/projects/P-1/cohort?show=baseline.age&show=evening.pain")
    nothing = opened(room)

    for _ in range(2):
        page = researcher.get(f"{COHORT}&show=baseline.age&show=evening.pain")

    assert everybody.status_code == page.status_code == 200
    assert nothing == set()
    women, smoking = '["baseline.sex",["f"]]', '["baseline.smokes",["yes"]]'
    assert opened(room) == {
        ("step", f"[{women},{smoking}]", ""),
        ("item", f"[{women},{smoking}]", "baseline.age"),
        ("course", f"[{women},{smoking}]", "evening.pain"),
    }
    assert "3 of 50 are used for these people" in page.text
    assert noted(room, "ledger:open") == 1


def test_files_and_pictures_are_charged_like_the_page(researcher: Researcher, room: Flask) -> None:
    file = COHORT.replace("/cohort?", "/cohort/table.csv?")

    assert researcher.get(f"{file}&of=evening.pain").status_code == 200
    first = opened(room)
    assert researcher.get(COHORT.replace("/cohort?", "/cohort/picture.svg?") + "&of=evening.flare").status_code == 200

    assert len(first) == 2
    assert len(opened(room)) == 3


def test_a_spent_ledger_sends_every_cohort_to_a_reviewer_alike_and_shows_what_was_opened(
    researcher: Researcher, room: Flask
) -> None:
    smoking = '[["baseline.smokes",["yes"]]]'
    items = ["evening.pain", *(f"evening.question_{number}" for number in range(49))]
    with room.app_context(), writing("workbench") as connection:
        blocks = [LedgerBlock(1, smoking, "course", item) for item in items]
        add_blocks(connection, blocks, project="P-1", account=researcher.id, now=NOW)

    small, large = (
        researcher.get(f"/projects/P-1/cohort?baseline.sex={sex}&show=evening.pain&show=dose.amount") for sex in ("o", "f")
    )
    opened_before = researcher.get("/projects/P-1/cohort?baseline.smokes=yes&show=evening.pain")
    others = researcher.get("/projects/P-1/cohort?baseline.smokes=no&show=evening.pain")

    assert small.status_code == large.status_code == 403
    assert "Ask the data custodian for a review" in large.text
    assert re.sub(r"<code>\w+</code>|value=\"[^\"]+\"", "", small.text) == re.sub(r"<code>\w+</code>|value=\"[^\"]+\"", "", large.text)
    assert opened_before.status_code == 200
    # Nobody can have answered both, so these people were in nothing yet.
    assert others.status_code == 200
    assert noted(room, "ledger:refuse") == 2


def test_a_report_says_its_price_before(researcher: Researcher, room: Flask) -> None:
    page = researcher.get(COHORT)

    asked = researcher.post("/projects/P-1/reports?baseline.sex=f&baseline.smokes=yes", {"size": "A4"})

    assert "Opening this costs 7 in the ledger of the project, where 1 of 50 are used for these people." in page.text
    assert asked.status_code == 303
    assert "8 of 50 are used" in researcher.get(COHORT).text


def test_what_another_project_opened_counts_for_the_study_and_not_for_this_one(
    researcher: Researcher, room: Flask, custody: Custody, newcomer: Callable[[str], Researcher]
) -> None:
    other = newcomer("Otto Other")
    with room.app_context():
        custody.grant(other.id, "P-2")

    researcher.get(f"{COHORT}&show=evening.pain")
    page = other.get(f"{COHORT.replace('P-1', 'P-2')}&show=evening.pain")

    assert page.status_code == 200
    assert "2 of 50 are used for these people" in page.text
    assert opened(room, "P-1") == opened(room, "P-2")


@pytest.mark.parametrize("query", ["baseline.sex=f&baseline.smokes=yes&show=evening.pain"])
def test_two_projects_see_the_same_numbers(
    query: str, researcher: Researcher, room: Flask, custody: Custody, newcomer: Callable[[str], Researcher]
) -> None:
    other = newcomer("Otto Other")
    with room.app_context():
        custody.grant(other.id, "P-2")

    files = [
        who.get(f"/projects/{project}/cohort/table.csv?{query.partition('&show')[0]}&of=evening.pain").data
        for who, project in ((researcher, "P-1"), (other, "P-2"))
    ]

    assert files[0] == files[1]
