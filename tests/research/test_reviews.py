"""Where the ledger refuses, a page leads to a reviewer: alike for everybody who is asked about."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask

from studyportal import clock
from studyportal.database import reading, writing
from studyportal.sealing.signatures import sign
from studyportal.workbench.grants import grant_of, suspend_grant
from studyportal.workbench.ledger import LedgerBlock, add_blocks, blocks_of
from studyportal.workbench.reviews import (
    LABEL,
    ReviewDocument,
    blocks_in,
    decide_review,
    encode,
    reviews_of,
    told_in,
)
from tests.research.conftest import Custody, Researcher
from tests.research.study import NOW

REASON = {"reason": "The course of pain is the outcome that we registered before we began."}
SMOKING = '[["baseline.smokes",["yes"]]]'
SHOW = "show=evening.pain&show=dose.amount"
# Of six hundred people nobody, some tens and a hundred, because they smoke.
SEXES = ("o", "m", "f")


@pytest.fixture
def spent(researcher: Researcher, room: Flask) -> Researcher:
    """A researcher whose project has opened 50 of those who smoke."""
    with room.app_context(), writing("workbench") as connection:
        blocks = [LedgerBlock(1, SMOKING, "item", f"baseline.question_{number}") for number in range(50)]
        add_blocks(connection, blocks, project="P-1", account=researcher.id, now=NOW)
    return researcher


def cohort(sex: str, more: str = SHOW) -> str:
    return f"/projects/P-1/cohort?baseline.sex={sex}&baseline.smokes=yes&{more}"


def ask(sex: str, more: str = SHOW) -> str:
    return cohort(sex, more).replace("/cohort?", "/reviews/ask?snapshot=1&")


def without_question(page: str) -> str:
    """A page without what was asked, tokens and times, which may differ, and without what fills it up."""
    page = re.sub(r"<!--\.*-->", "", page)
    page = re.sub(r'name="csrf_token" value="[^"]+"', "", page)
    page = re.sub(r"baseline\.sex=[omf]\b", "baseline.sex=?", page)
    return re.sub(r"Sex: (?:Other|Male|Female)|/reviews/[0-9a-f-]{36}", "?", page)


def rows(room: Flask) -> list:
    with room.app_context(), reading("workbench") as connection:
        return reviews_of(connection, "P-1")


def allow(room: Flask, custody: Custody, review: UUID) -> None:
    """What custody does on the other side of the wall."""
    with room.app_context(), writing("workbench") as connection:
        (row,) = [one for one in reviews_of(connection, "P-1") if one.id == review]
        now = clock.now()
        document = ReviewDocument(
            review=review, study="RT-1", project="P-1", account=row.account, blocks=blocks_in(row),
            told=told_in(row.told), reach=row.reach, issued_at=now, expires_at=now + timedelta(days=30),
        )  # fmt: skip
        signature = sign(LABEL, encode(document).encode(), key=custody.seed)
        decide_review(
            connection, review, by=uuid4(), by_name="Kim", answer="It is registered.", document=document,
            signature=signature, now=now,
        )  # fmt: skip


def test_what_is_refused_offered_asked_and_allowed_differs_by_the_question_alone(
    spent: Researcher, room: Flask, custody: Custody
) -> None:
    seen = []
    for sex in SEXES:
        steps = [spent.get(cohort(sex)), spent.post(cohort(sex).replace("/cohort?", "/cohort/open?"), {})]
        steps += [spent.get(cohort(sex).replace("/cohort?", "/cohort/attrition.csv?")), spent.get(ask(sex))]
        steps += [spent.post(cohort(sex, "").replace("/cohort?", "/reports?"), {"size": "A4"})]
        steps += [spent.post(ask(sex), REASON)]
        review = rows(room)[0].id
        steps += [spent.get(f"/projects/P-1/reviews/{review}"), spent.get("/projects/P-1/reviews")]
        allow(room, custody, review)
        steps += [spent.get(ask(sex)), spent.get(f"/projects/P-1/reviews/{review}")]
        steps += [spent.post(f"/projects/P-1/reviews/{review}/open", {})]
        seen.append([(one.status_code, without_question(one.text)) for one in steps])
        # The list of reviews is longer each time, and what was just said is said once.
        seen[-1][7] = (steps[7].status_code, "")
        spent.get("/ask")

    assert [status for status, _ in seen[0]] == [403, 403, 403, 200, 403, 303, 200, 200, 303, 200, 303]
    assert seen[0] == seen[1] == seen[2]
    assert all("A reviewer decides on this" in seen[0][step][1] for step in (0, 1, 2, 4))


def test_the_request_says_what_it_is_costs_and_reaches_and_not_who_is_in_it(spent: Researcher, room: Flask) -> None:
    page = spent.get(ask("f"))

    spent.post(ask("f"), REASON)

    (row,) = rows(room)
    assert "Average pain over the last 24 hours, by week" in page.text
    assert "50 now, 67 then, of 50" in page.text
    assert "in 76 of 100 cases at 50, in 80 at 67" in page.text.replace("rightly ", "").replace("\n", " ")
    assert (row.units, row.used_before, row.reach, row.reason) == (17, 50, 67, REASON["reason"])
    assert [(one.cohort, [*one.shows]) for one in told_in(row.told)] == [
        (
            "Sex: Female; Do you smoke? Yes",
            [
                ("How much, by week", 8),
                ("Average pain over the last 24 hours, by week", 8),
                ("How many people they are", 1),
            ],
        )
    ]
    assert [block.kind for block in blocks_in(row)].count("course") == 2


def test_a_report_is_asked_for_as_the_page_is(spent: Researcher, room: Flask) -> None:
    refused = spent.post(cohort("f", "").replace("/cohort?", "/reports?"), {"size": "A4"})
    way = re.search(r'data-way href="([^"]+)"', refused.text)
    assert way

    spent.post(way[1].replace("&amp;", "&"), REASON)

    (row,) = rows(room)
    assert "about=report" in way[1]
    assert row.units == 35 + 1


def test_a_reason_is_one_or_two_sentences(spent: Researcher, room: Flask) -> None:
    pages = [spent.post(ask("f"), {"reason": reason}) for reason in ("", "Short.", "x" * 501)]

    assert [page.status_code for page in pages] == [422, 422, 422]
    assert rows(room) == []


def test_what_the_ledger_holds_is_opened_without_a_review(spent: Researcher, room: Flask) -> None:
    answer = spent.post("/projects/P-1/reviews/ask?baseline.smokes=no&show=evening.pain", REASON)

    assert answer.status_code == 303
    assert "/cohort?" in answer.headers["Location"]
    assert rows(room) == []


def test_what_was_allowed_is_opened_on_its_page_and_stays_open(
    spent: Researcher, room: Flask, custody: Custody
) -> None:
    spent.post(ask("f"), REASON)
    review = rows(room)[0].id
    allow(room, custody, review)
    told = spent.get("/projects/P-1/").text

    spent.post(f"/projects/P-1/reviews/{review}/open", {})
    again = spent.post(f"/projects/P-1/reviews/{review}/open", {})
    page = spent.get(cohort("f"))

    assert "Allowed until" in told and "It is registered." in told
    assert again.status_code == 410
    assert page.status_code == 200
    assert page.text.count('<section class="result"') == 2
    assert "Opened" in spent.get("/projects/P-1/").text
    assert spent.get(cohort("f", "show=baseline.age")).text.count("Ask for a review</a>") == 2
    with room.app_context(), reading("workbench") as connection:
        assert len(blocks_of(connection, "P-1")) == 53


def test_a_request_is_taken_back_and_asked_again(spent: Researcher, room: Flask) -> None:
    spent.post(ask("f"), REASON)
    first = rows(room)[0].id

    spent.post(f"/projects/P-1/reviews/{first}/withdraw", {})
    spent.post(ask("f"), REASON)

    assert "Taken back by you" in spent.get(f"/projects/P-1/reviews/{first}").text
    assert len(rows(room)) == 2
    assert spent.post(f"/projects/P-1/reviews/{first}/withdraw", {}).status_code == 409


def test_a_suspended_approval_asks_for_nothing_and_opens_nothing(
    spent: Researcher, room: Flask, custody: Custody
) -> None:
    spent.post(ask("f"), REASON)
    review = rows(room)[0].id
    allow(room, custody, review)
    with room.app_context(), writing("workbench") as connection:
        suspend_grant(connection, grant_of(connection, "P-1").id, now=clock.now())

    answers = [spent.post(ask("m"), REASON)]
    answers += [spent.post(f"/projects/P-1/reviews/{review}/{act}", {}) for act in ("withdraw", "open")]

    assert [one.status_code for one in answers] == [403, 403, 403]
    assert [row.used_at for row in rows(room)] == [None]


def test_a_review_of_another_project_is_not_there(spent: Researcher, room: Flask, custody: Custody) -> None:
    with room.app_context():
        custody.grant(spent.id, "P-2")
    spent.post(ask("f"), REASON)
    review = rows(room)[0].id

    answers = [spent.get(f"/projects/P-2/reviews/{review}")]
    answers += [spent.post(f"/projects/P-2/reviews/{review}/{act}", {}) for act in ("withdraw", "open")]

    assert [one.status_code for one in answers] == [404, 404, 404]


def test_where_all_projects_have_opened_too_much_nobody_is_asked(
    spent: Researcher, room: Flask, custody: Custody
) -> None:
    with room.app_context():
        custody.grant(spent.id, "P-2")
        with writing("workbench") as connection:
            blocks = [LedgerBlock(1, SMOKING, "item", f"baseline.other_{number}") for number in range(100)]
            add_blocks(connection, blocks, project="P-2", account=spent.id, now=clock.now())

    page, form, sent = spent.get(cohort("f")), spent.get(ask("f")), spent.post(ask("f"), REASON)

    assert all("No review can allow that" in one.text for one in (page, form, sent))
    for one in (page, form, sent):
        assert "Send the request" not in one.text and "Ask for a review</a>" not in one.text
    assert rows(room) == []
