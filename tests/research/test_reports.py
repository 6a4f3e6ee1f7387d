"""A report is asked for, made in the background, and handed out; an approval that ends on the way leaves nothing."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
import sqlalchemy as sa
from flask import Flask

from studyportal import clock, outbox
from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.database import reading, writing
from studyportal.paper import verified
from studyportal.research.holdings import held
from studyportal.research.reports.actions import _made
from studyportal.research.reports.cohort_report import SECTIONS, Look
from studyportal.research.settings import ResearchSettings
from studyportal.research.worker import handle_report
from studyportal.sealing.signatures import public_of
from studyportal.workbench.grants import end_grant, suspend_grant
from studyportal.workbench.tables import GRANTS, REPORTS
from tests.research.conftest import Custody, Researcher

ODD = "<b>Back & =SUM(A1) 🙂 שלום " + "x" * 80


def ask(researcher: Researcher, cohort: str = "", **form: str) -> str:
    """The address of the report's page."""
    answer = researcher.post(f"/projects/P-1/reports{cohort}", form)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def make(room: Flask, settings: ResearchSettings) -> None:
    """What the worker does with all that waits."""
    with room.app_context():
        while True:
            with writing("workbench") as connection:
                work = outbox.lease(connection, "workbench", ["report"], now=clock.now())
            if work is None:
                return
            handle_report(work, settings=settings, now=clock.now())
            with writing("workbench") as connection:
                outbox.finish(connection, "workbench", work, now=clock.now())


def kept(room: Flask) -> Mapping[str, Any]:
    with room.app_context(), reading("workbench") as connection:
        return connection.execute(sa.select(REPORTS)).mappings().one()


def words_of(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in pages).split())


def test_a_report_is_made_in_the_background_shown_on_its_way_and_downloaded_signed(
    researcher: Researcher, room: Flask, settings: ResearchSettings, custody: Custody
) -> None:
    page = ask(researcher, "?baseline.diagnosis=lbp")
    waiting = researcher.get(page)
    early = researcher.get(f"{page}/report.pdf")

    make(room, settings)

    done, paper = researcher.get(page), researcher.get(f"{page}/report.pdf")
    assert waiting.headers["Refresh"] == "2" and f"0 of {len(SECTIONS)} sections are done" in waiting.text
    assert early.status_code == 409
    assert "Refresh" not in done.headers and "Download the report" in done.text
    assert paper.mimetype == "application/pdf" and paper.headers["Cache-Control"] == "no-store"
    verdict = verified(paper.data, public_of(custody.seed))
    assert (verdict.kind, verdict.by) == ("Cohort report", "research")
    assert "Download" in researcher.get("/projects/P-1/reports").text
    with room.app_context(), reading("workbench") as connection:
        done_by = connection.scalars(sa.select(AUDIT_EVENTS["workbench"].c.action)).all()
    assert [one for one in done_by if one.startswith("report:")] == ["report:ask", "report:make", "report:take"]


def test_a_report_says_all_that_strobe_asks_for_and_what_nobody_may_conclude(
    researcher: Researcher, room: Flask, settings: ResearchSettings
) -> None:
    page = ask(researcher, "?baseline.diagnosis=lbp")

    make(room, settings)

    said = words_of(researcher.get(f"{page}/report.pdf").data)
    for words in (
        "STROBE 13", "Opened a code or a link", "685", "STROBE 14", "STROBE 16", "STROBE 12c", "What may be concluded", "without a control group",
        "Average pain", "Week 1", "rounded to 5", "baseline.diagnosis", "Sore backs", "How to check this report",
    ):  # fmt: skip
        assert words in said, words


def test_the_same_wish_gives_the_same_bytes(researcher: Researcher, room: Flask, settings: ResearchSettings) -> None:
    ask(researcher)
    make(room, settings)
    first, look = kept(room), Look(f"{settings.origin}/verify", settings.synthetic, "en")

    with room.app_context():
        again = _made(first, held=held(settings, study="RT-1"), look=look, now=clock.now() + timedelta(days=1))

    assert again == first["content"]


@pytest.mark.parametrize("change", [suspend_grant, end_grant], ids=["suspended", "ended"])
def test_an_approval_that_ends_while_a_report_is_made_leaves_nothing_of_it(
    researcher: Researcher, room: Flask, settings: ResearchSettings, monkeypatch: pytest.MonkeyPatch, change: Callable
) -> None:
    page, first = ask(researcher), SECTIONS[0]

    def ends_meanwhile(asked):  # type: ignore[no-untyped-def]
        with writing("workbench") as connection:
            change(connection, connection.scalar(sa.select(GRANTS.c.id)), now=clock.now())
        return first(asked)

    monkeypatch.setattr("studyportal.research.reports.cohort_report.SECTIONS", (ends_meanwhile, *SECTIONS[1:]))
    make(room, settings)

    row = kept(room)
    assert row["content"] is None and row["given_up_at"] and row["reason"]
    assert researcher.get(f"{page}/report.pdf").status_code in (403, 410)


def test_a_report_of_a_cohort_too_small_says_so_and_shows_no_number(
    researcher: Researcher, room: Flask, settings: ResearchSettings
) -> None:
    page = ask(researcher, "?baseline.diagnosis=lbp&baseline.age=18-29&baseline.sex=o")

    make(room, settings)

    said = words_of(researcher.get(f"{page}/report.pdf").data)
    assert "smaller than 10 people, or empty" in said


def test_a_report_of_other_bins_than_it_was_asked_for_is_given_up(
    researcher: Researcher, room: Flask, settings: ResearchSettings
) -> None:
    ask(researcher, "?baseline.sites__back=no")
    with room.app_context(), writing("workbench") as connection:
        connection.execute(sa.update(REPORTS).values(criteria='[["baseline.sites__back",["no"]]]'))

    make(room, settings)

    row = kept(room)
    assert row["content"] is None
    assert row["reason"].startswith("Since this report was asked for, answers that few people gave were put together")


def test_a_name_in_every_script_reaches_the_paper_as_words(
    researcher: Researcher, room: Flask, settings: ResearchSettings
) -> None:
    researcher.post("/projects/P-1/cohort?baseline.diagnosis=lbp", {"name": ODD})
    page = ask(researcher, "?baseline.diagnosis=lbp")

    make(room, settings)

    assert "&lt;b&gt;Back &amp; =SUM(A1)" in researcher.get(page).text
    assert "<b>Back & =SUM(A1)" in words_of(researcher.get(f"{page}/report.pdf").data)


def test_nobody_else_sees_a_report_and_a_project_cannot_flood_the_worker(
    researcher: Researcher, room: Flask, custody: Custody, newcomer: Callable[..., Researcher]
) -> None:
    page, other = ask(researcher), newcomer("Eve Eavesdropper")
    with room.app_context():
        custody.grant(other.id, "P-2")

    foreign = [other.get(page.replace("P-1", "P-2")).status_code, other.get(page).status_code]
    flood = [researcher.post("/projects/P-1/reports", {}).status_code for _ in range(5)]

    assert foreign == [404, 404]
    assert flood == [303] * 4 + [429]
