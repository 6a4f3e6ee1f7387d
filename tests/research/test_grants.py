"""What an approval opens: its questions, its level, its time; after the agreement is signed, and until the last
moment."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from flask import Flask

from studyportal import clock
from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.database import reading, writing
from studyportal.paper import examined
from studyportal.protocol.offering import questions
from studyportal.research.access.asking import plain_text
from studyportal.research.cohorts import views as cohort_views
from studyportal.research.releases import actions as release_actions
from studyportal.sealing.signatures import public_of
from studyportal.sealing.signatures import sign as custody_sign
from studyportal.web.sign_in.tables import SIGN_IN
from studyportal.workbench import agreements
from studyportal.workbench.grants import (
    LABEL,
    encode,
    end_grant,
    find_grant,
    opened,
    renew_grant,
    resume_grant,
    suspend_grant,
)
from studyportal.workbench.tables import AGREEMENTS, APPLICATIONS, RELEASES
from tests.paper.cast import texts
from tests.research.conftest import Custody, Researcher
from tests.research.study import RELEASED
from tests.research.test_access import ASKED, project_pages

ITEMS = ("baseline.sex", "baseline.sites", "evening.pain")


@pytest.fixture
def narrow(room: Flask, custody: Custody, newcomer: Callable[..., Researcher]) -> Researcher:
    """Approved for three questions as aggregates."""
    found = newcomer("Rosa Researcher")
    custody.publish(1)
    custody.give_codes("P-1")
    with room.app_context():
        custody.grant(found.id, "P-1", items=ITEMS, level="aggregates")
    return found


def test_of_a_snapshot_only_granted_questions_are_shown(narrow: Researcher) -> None:
    codebook, cohort = narrow.get("/projects/P-1/").text, narrow.get("/projects/P-1/cohort", follow_redirects=True).text

    for page in (codebook, cohort):
        assert "Sex" in page and "Where does it hurt?" in page and "Average pain" in page
        assert not any(other in page for other in ("Diagnosis", "Do you smoke?", "How much", "Went to bed", "Mood"))


def test_the_codebook_as_a_paper_holds_the_granted_questions_and_is_signed(
    narrow: Researcher, custody: Custody
) -> None:
    answer = narrow.get("/projects/P-1/codebook.pdf?snapshot=1")

    verdict, said = examined(answer.data, public_of(custody.seed)), " ".join(texts(answer.data))
    assert (verdict.by, verdict.title) == ("research", "What snapshot 1 holds")
    assert "Where does it hurt?" in said and "Average pain" in said and "SYNTHETIC DATA" in said
    assert not any(other in said for other in ("Diagnosis", "Do you smoke?", "Went to bed", "Mood"))
    assert 'filename="codebook-1.pdf"' in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "address",
    [
        "cohort?baseline.diagnosis=lbp",
        "cohort?baseline.age=18-29",
        "cohort?dose.weeks__given=none",
        "cohort?show=baseline.diagnosis",
        "cohort?show=evening.flare",
        "cohort/table.csv?of=evening.flare",
        "cohort/table.csv?of=baseline.slept__missing",
        "cohort/attrition.csv?baseline.diagnosis=lbp",
    ],
)
def test_what_was_not_granted_is_refused_by_every_route(narrow: Researcher, address: str) -> None:
    answer = narrow.get(f"/projects/P-1/{address}")

    assert answer.status_code == 422


def test_a_typed_criterion_beyond_the_approval_is_refused_at_its_place(narrow: Researcher) -> None:
    answer = narrow.get('/projects/P-1/cohort?criteria=baseline.diagnosis+==+"lbp"')

    assert answer.status_code == 422
    assert "not in your approval" in answer.text


def test_granted_questions_bring_all_their_columns_and_the_weeks_of_their_instrument(narrow: Researcher) -> None:
    addresses = ("baseline.sites__back=yes", "evening.weeks__given=none", "evening.pain__mean=not+answered")

    answers = [narrow.get(f"/projects/P-1/cohort?{one}").status_code for one in addresses]

    assert answers == [200, 200, 200]


def test_aggregates_let_no_row_out(room: Flask, narrow: Researcher) -> None:
    page, cohort = narrow.get("/projects/P-1/releases"), narrow.get("/projects/P-1/cohort", follow_redirects=True).text

    answers = [
        narrow.get("/projects/P-1/releases/new").status_code,
        narrow.post("/projects/P-1/releases/new", {"item": ["baseline__sex"]}).status_code,
        narrow.get("/projects/P-1/releases/00000000-0000-4000-8000-000000000000/package.zip").status_code,
    ]

    assert answers == [403, 403, 403]
    assert "Your approval covers aggregates" in page.text and "Make a release" not in cohort
    with room.app_context(), reading("workbench") as connection:
        assert connection.execute(sa.select(RELEASES)).all() == []


def test_a_release_holds_granted_questions_alone(
    room: Flask, custody: Custody, newcomer: Callable[..., Researcher]
) -> None:
    custody.publish(1)
    custody.give_codes("P-1")
    rosa = newcomer("Rosa Researcher")
    with room.app_context():
        custody.grant(rosa.id, "P-1", items=ITEMS)

    beyond = rosa.post("/projects/P-1/releases/new", {"item": ["evening__pain", "baseline__smokes"]})
    within = rosa.post("/projects/P-1/releases/new", {"item": ["evening__pain"]})

    assert (beyond.status_code, within.status_code) == (422, 303)


def test_before_the_agreement_is_signed_nothing_of_a_project_opens(
    room: Flask, custody: Custody, newcomer: Callable[..., Researcher]
) -> None:
    custody.publish(1)
    rosa = newcomer("Rosa Researcher")
    with room.app_context():
        custody.grant(rosa.id, "P-1", signed=False)

    answers = {page: rosa.get(page) for page in project_pages(room)}
    sent = rosa.post("/projects/P-1/cohort", {"name": "Everybody"})

    assert {answer.status_code for answer in answers.values()} == {303}
    assert {answer.headers["Location"] for answer in answers.values()} == {"/agreements/P-1/"}
    assert sent.status_code == 403


def sign(rosa: Researcher, **change: object):  # type: ignore[no-untyped-def]
    digest = re.search(r'name="digest" type="hidden" value="([0-9a-f]{64})"', rosa.get("/agreements/P-1/").text)
    assert digest
    return rosa.post("/agreements/P-1/", {"read": "y", "signed_name": "rosa researcher", "digest": digest[1]} | change)


def test_an_agreement_is_signed_once_by_its_own_name_under_what_was_shown(
    room: Flask, custody: Custody, newcomer: Callable[..., Researcher]
) -> None:
    custody.publish(1)
    rosa = newcomer("Rosa Researcher")
    with room.app_context():
        custody.grant(rosa.id, "P-1", signed=False)

    slips = [
        sign(rosa, read="").status_code,
        sign(rosa, signed_name="Eve").status_code,
        sign(rosa, signed_name="").status_code,
        sign(rosa, signed_name="x" * 10_000).status_code,
        sign(rosa, digest="0" * 64).status_code,
    ]
    digest = re.search(r'value="([0-9a-f]{64})"', rosa.get("/agreements/P-1/").text)[1]  # type: ignore[index]
    form = {"read": "y", "signed_name": "rosa researcher", "digest": digest}
    signed = [rosa.post("/agreements/P-1/", form).status_code for _ in range(2)]

    assert slips == [422, 422, 422, 422, 409]
    assert signed == [303, 303]
    assert rosa.get("/projects/P-1/").status_code == 200
    assert "Signed" in rosa.get("/agreements/P-1/").text
    with room.app_context(), reading("workbench") as connection:
        (row,) = connection.execute(sa.select(AGREEMENTS)).all()
        told = list(connection.scalars(sa.select(AUDIT_EVENTS["workbench"].c.action)))
    assert (row.signed_name, row.version, row.text_sha256) == ("rosa researcher", "1", agreements.agreement("1").sha256)
    assert told.count("agreement:sign") == 1


def test_a_newer_text_is_signed_anew(
    room: Flask, custody: Custody, newcomer: Callable[..., Researcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    custody.publish(1)
    rosa = newcomer("Rosa Researcher")
    with room.app_context():
        grant = custody.grant(rosa.id, "P-1")
        newer = agreements.Agreement("2", agreements.agreement("1").text + "And more.")
        monkeypatch.setattr(agreements, "agreement", lambda version: newer)
        with writing("workbench") as connection:
            before = find_grant(connection, grant)
            document = msgspec.structs.replace(
                opened(before), agreement=newer.version, agreement_sha256=newer.sha256.hex()
            )
            signature = custody_sign(LABEL, encode(document).encode(), key=custody.seed)
            renew_grant(connection, before.document, document, signature)

    shut = rosa.get("/projects/P-1/").status_code
    signed = sign(rosa).status_code

    assert (shut, signed, rosa.get("/projects/P-1/").status_code) == (303, 303, 200)


def test_another_text_than_the_approved_one_is_not_shown(
    room: Flask, custody: Custody, newcomer: Callable[..., Researcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    rosa = newcomer("Rosa Researcher")
    with room.app_context():
        custody.grant(rosa.id, "P-1", signed=False)
    changed = agreements.Agreement("1", agreements.agreement("1").text + "And more.")
    monkeypatch.setattr(agreements, "agreement", lambda version: changed)

    assert rosa.get("/agreements/P-1/").status_code == 503


def test_somebody_elses_agreement_is_not_there(narrow: Researcher, newcomer: Callable[..., Researcher]) -> None:
    eve = newcomer("Eve Eavesdropper")

    assert eve.get("/agreements/P-1/").status_code == 404
    assert eve.post("/agreements/P-1/", {"read": "y", "signed_name": "Eve Eavesdropper"}).status_code == 404


def test_a_suspended_approval_shuts_and_opens_again(
    room: Flask, custody: Custody, newcomer: Callable[..., Researcher]
) -> None:
    custody.publish(1)
    rosa = newcomer("Rosa Researcher")
    with room.app_context():
        grant = custody.grant(rosa.id, "P-1")
        with writing("workbench") as connection:
            suspend_grant(connection, grant, now=clock.now())
    shut, listed = {rosa.get(page).status_code for page in project_pages(room)}, rosa.get("/").text
    with room.app_context(), writing("workbench") as connection:
        resume_grant(connection, grant, now=clock.now())

    assert shut == {403}
    assert "Suspended" in listed
    assert rosa.get("/projects/P-1/").status_code == 200


ENDS = {
    "ended": lambda connection, grant, account: end_grant(connection, grant, now=clock.now()),
    "suspended": lambda connection, grant, account: suspend_grant(connection, grant, now=clock.now()),
    "account ended": lambda connection, grant, account: connection.execute(
        sa.update(SIGN_IN["workbench"].accounts)
        .where(SIGN_IN["workbench"].accounts.c.id == account)
        .values(ended_at=clock.now())
    ),
}


@pytest.fixture
def working(
    room: Flask, custody: Custody, newcomer: Callable[..., Researcher]
) -> tuple[Researcher, Callable[[str], None]]:
    """A researcher at record level, and what makes the approval end while their request is answered."""
    custody.publish(1)
    custody.give_codes("P-1")
    rosa = newcomer("Rosa Researcher")
    with room.app_context():
        grant = custody.grant(rosa.id, "P-1")

    def shut(how: str) -> None:
        with writing("workbench") as connection:
            ENDS[how](connection, grant, rosa.id)

    return rosa, shut


@pytest.mark.parametrize("how", ENDS)
def test_a_page_whose_approval_ends_while_it_is_made_is_not_handed_out(
    working, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (rosa, shut), slow = working, cohort_views.attrition

    def attrition(*given):  # type: ignore[no-untyped-def]
        shut(how)
        return slow(*given)

    monkeypatch.setattr(cohort_views, "attrition", attrition)

    answer = rosa.get("/projects/P-1/cohort/attrition.csv")

    assert answer.status_code in (403, 410)
    assert "In the snapshot" not in answer.text and "attachment" not in answer.headers.get("Content-Disposition", "")


@pytest.mark.parametrize("how", ENDS)
def test_a_release_whose_approval_ends_while_it_is_made_is_not_kept(
    room: Flask, working, how: str, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (rosa, shut), slow = working, release_actions.make

    def make(*given, **named):  # type: ignore[no-untyped-def]
        package = slow(*given, **named)
        shut(how)
        return package

    monkeypatch.setattr(release_actions, "make", make)

    answer = rosa.post("/projects/P-1/releases/new", {"item": ["evening__pain"]})

    assert answer.status_code in (403, 410)
    assert list(Path(settings.releases).iterdir()) == []
    with room.app_context(), reading("workbench") as connection:
        assert connection.execute(sa.select(RELEASES)).all() == []


def test_a_download_whose_approval_expires_while_it_is_read_stays_here(
    room: Flask, working, monkeypatch: pytest.MonkeyPatch
) -> None:
    rosa, _ = working
    rosa.post("/projects/P-1/releases/new", {"item": ["evening__pain"]})
    address = re.search(r'href="([^"]+package\.zip)"', rosa.get("/projects/P-1/releases").text)[1]  # type: ignore[index]
    slow, now = release_actions.people_in, clock.now

    def people_in(package: bytes):  # type: ignore[no-untyped-def]
        monkeypatch.setattr(clock, "now", lambda: now() + timedelta(days=91))
        return slow(package)

    monkeypatch.setattr(release_actions, "people_in", people_in)

    answer = rosa.get(address)

    assert answer.status_code == 410
    assert not answer.data.startswith(b"PK")
    with room.app_context(), reading("workbench") as connection:
        assert "release:take" not in set(connection.scalars(sa.select(AUDIT_EVENTS["workbench"].c.action)))


def test_a_request_is_changed_and_taken_back_by_its_researcher_alone(
    room: Flask, newcomer: Callable[..., Researcher]
) -> None:
    rosa, eve = newcomer("Rosa Researcher"), newcomer("Eve Eavesdropper")
    place = rosa.post("/ask", ASKED).headers["Location"].rstrip("/")

    foreign = [
        eve.get(f"{place}/").status_code,
        eve.get(f"{place}/amend").status_code,
        eve.post(f"{place}/withdraw", {}).status_code,
    ]
    changed = rosa.post(f"{place}/amend", ASKED | {"title": "Sleep alone", "revision": "1"})
    stale = rosa.post(f"{place}/amend", ASKED | {"title": "Sleep again", "revision": "1"})
    page = rosa.get(f"{place}/").text
    taken = rosa.post(f"{place}/withdraw", {})
    again = [rosa.post(f"{place}/withdraw", {}).status_code, rosa.get(f"{place}/amend").status_code]

    assert foreign == [404, 404, 404]
    assert (changed.status_code, stale.status_code, taken.status_code) == (303, 409, 303)
    assert "Sleep alone" in page
    assert again == [409, 409]
    assert "Taken back by you" in rosa.get("/").text


def test_words_in_every_script_are_kept_and_shown_as_words(room: Flask, newcomer: Callable[..., Researcher]) -> None:
    rosa = newcomer("Rosa Researcher")
    title, plan = "<script>alert(1)</script> שינה וכאב \u202egnp.exe \0 🙂", "=cmd()\n" + "כ" * 9_990

    place = rosa.post("/ask", ASKED | {"title": title, "plan": plan}).headers["Location"].rstrip("/")

    page = rosa.get(f"{place}/").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; שינה וכאב gnp.exe 🙂" in page and "<script>alert" not in page
    with room.app_context(), reading("workbench") as connection:
        assert connection.scalar(sa.select(APPLICATIONS.c.plan)) == plan


def test_lines_stay_and_what_steers_goes() -> None:
    assert plain_text(" a\r\nb\u202e\x07\ud800c\t ") == "a\nbc"


def test_every_released_question_is_offered_once_and_no_dropped_one() -> None:
    known = questions(RELEASED)

    assert (
        known["baseline.sites"].ask == "Where does it hurt?"
        and known["baseline.slept"].ask == "How long did you sleep?"
    )
    assert not {"baseline.name", "baseline.little"} & set(known)
    columns = {
        f"{instrument}.{item['item']}"
        for instrument, view in RELEASED["instruments"].items()
        for item in view["items"].values()
    }
    assert set(known) == columns


def test_nothing_in_the_room_opens_a_snapshot_around_the_approval() -> None:
    root = Path(cohort_views.__file__).parents[1]

    places = {path.name for path in root.rglob("*.py") if re.search(r"shelf\.opened\(", path.read_text())}

    assert places == {"project.py"}


# Signed texts never change: whoever changes one makes every signature under it a signature under something else.
TEXTS = {"1": "ca2cfc6c5b3d1ea739c81c5ea48721ec55b59bbc24a448cc78adb9dea0ae3e18"}


def test_a_shipped_agreement_stays_as_it_was_signed() -> None:
    folder = Path(agreements.__file__).parent / "agreement_texts"

    found = {path.stem: agreements.agreement(path.stem).sha256.hex() for path in folder.glob("*.md")}

    assert found == TEXTS
    assert agreements.CURRENT in TEXTS
    assert all(paragraphs for _, paragraphs in agreements.agreement(agreements.CURRENT).sections())
