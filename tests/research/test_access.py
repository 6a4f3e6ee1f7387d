"""Nobody works in a project without an approval that custody signed, that is theirs, and that still runs."""

import base64
import secrets
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from studyportal.audit import verify
from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.clock import now
from studyportal.database import reading, writing
from studyportal.errors import Unsafe
from studyportal.research.app import create_app
from studyportal.research.settings import ResearchSettings
from studyportal.web.access import access_rules
from studyportal.workbench.grants import end_grant
from studyportal.workbench.tables import APPLICATIONS, GRANTS
from tests.research.conftest import ORIGIN, Custody, Researcher

ASKED = {
    "title": "Sleep and backs",
    "purpose": "We want to learn how sleep and back pain go together.",
    "plan": "Weekly means of pain by hours slept, with intervals.",
    "items": ["baseline.sex", "evening.pain"],
    "level": "aggregates",
    "ethics_reference": "EC 2026-1",
    "wanted_until": "2027-06-30",
}


def project_pages(room: Flask) -> list[str]:
    """An address for every page below a project that can be looked at."""
    rules = [rule for rule in room.url_map.iter_rules() if "project" in rule.arguments and "GET" in rule.methods]
    some = "00000000-0000-4000-8000-000000000000"
    for_example = {"<project>": "P-1", "<uuid:identifier>": some, "<any(svg, png):kind>": "png"}
    return sorted({_filled(rule.rule, for_example) for rule in rules})


def _filled(address: str, arguments: dict[str, str]) -> str:
    for one, value in arguments.items():
        address = address.replace(one, value)
    return address


def test_there_are_project_pages_and_each_is_for_researchers_only(room: Flask) -> None:
    rules = access_rules(room)

    pages = {name: rule for name, rule in rules.items() if name.startswith("project.")}

    assert len(pages) >= 9
    assert all(rule.roles == {"researcher"} for rule in pages.values())
    assert all(
        rule.rule.startswith("/projects/<project>/") for rule in room.url_map.iter_rules() if rule.endpoint in pages
    )


def test_no_project_page_opens_without_an_approval(
    room: Flask, custody: Custody, newcomer: Callable[..., Researcher]
) -> None:
    custody.publish(1)
    stranger = newcomer("Sam Stranger")

    answers = {page: stranger.get(page).status_code for page in project_pages(room)}

    assert len(answers) >= 9
    assert set(answers.values()) == {404}


def test_nobody_and_other_staff_are_kept_out(room: Flask, newcomer: Callable[..., Researcher]) -> None:
    administrator = newcomer("Ada Administrator", role="administrator")

    answers = {page: administrator.get(page).status_code for page in ["/", "/ask", *project_pages(room)]}
    nobody = {page: room.test_client().get(page, base_url=ORIGIN).status_code for page in ["/", *project_pages(room)]}

    assert set(answers.values()) == {403}
    assert set(nobody.values()) == {401}


def test_an_approval_ends_when_custody_ends_it(
    room: Flask, custody: Custody, newcomer: Callable[..., Researcher]
) -> None:
    custody.publish(1)
    rosa = newcomer("Rosa Researcher")
    with room.app_context():
        grant = custody.grant(rosa.id, "P-1")
    before = rosa.get("/projects/P-1/")

    with room.app_context(), writing("workbench") as connection:
        end_grant(connection, grant, now=now())

    assert before.status_code == 200
    assert {rosa.get(page).status_code for page in project_pages(room)} == {410}
    assert "ended by the data custodian" in rosa.get("/projects/P-1/").text
    assert "Ask again" in rosa.get("/").text


def test_an_approval_expires_by_itself_whatever_the_columns_say(
    room: Flask, custody: Custody, newcomer: Callable[..., Researcher]
) -> None:
    custody.publish(1)
    rosa = newcomer("Rosa Researcher")
    with room.app_context():
        custody.grant(rosa.id, "P-1", days=-1)
        with writing("workbench") as connection:
            connection.execute(sa.update(GRANTS).values(expires_at=now().replace(year=2099)))

    answer = rosa.get("/projects/P-1/")

    assert answer.status_code == 410
    assert "expired" in answer.text


@pytest.mark.parametrize(
    "forgery",
    [
        {"document": sa.func.replace(GRANTS.c.document, "Sore backs", "Anything")},
        {"signature": bytes(64)},
    ],
)
def test_a_forged_approval_opens_nothing(room: Flask, researcher: Researcher, forgery: dict[str, object]) -> None:
    with room.app_context(), writing("workbench") as connection:
        connection.execute(sa.update(GRANTS).values(**forgery))

    answers = [researcher.get(f"/projects/{name}/").status_code for name in ("P-1", "P-2")]

    assert all(status in (403, 404, 422, 500) for status in answers)
    assert 200 not in answers


def test_an_approval_moved_to_another_project_opens_nothing(
    room: Flask, custody: Custody, newcomer: Callable[..., Researcher]
) -> None:
    custody.publish(1)
    rosa = newcomer("Rosa Researcher")
    with room.app_context():
        custody.grant(rosa.id, "P-1", signed=False)
        with writing("workbench") as connection:
            connection.execute(sa.update(GRANTS).values(project="P-2"))

    answers = [rosa.get(f"/projects/{name}/").status_code for name in ("P-1", "P-2")]

    assert answers == [404, 403]


def test_an_approval_by_another_key_of_another_study_or_another_person_opens_nothing(
    room: Flask, researcher: Researcher, custody: Custody, newcomer: Callable[..., Researcher]
) -> None:
    eve = newcomer("Eve Eavesdropper")
    with room.app_context():
        custody.grant(eve.id, "P-3", seed=secrets.token_bytes(32))
        custody.grant(eve.id, "P-4", study="OTHER-1")
        with writing("workbench") as connection:
            connection.execute(sa.update(GRANTS).where(GRANTS.c.project == "P-1").values(account=eve.id))

    answers = [eve.get(f"/projects/{name}/").status_code for name in ("P-1", "P-3", "P-4")]

    assert 200 not in answers
    assert eve.get("/").status_code == 200


def test_a_request_is_kept_with_its_audit_event_and_shown(room: Flask, newcomer: Callable[..., Researcher]) -> None:
    rosa = newcomer("Rosa Researcher")

    answer = rosa.post("/ask", ASKED)

    assert answer.status_code == 303
    assert "Waits for the data custodian" in rosa.get("/").text
    with room.app_context(), reading("workbench") as connection:
        kept = connection.execute(sa.select(APPLICATIONS)).one()
        actions = connection.execute(sa.select(AUDIT_EVENTS["workbench"].c.action)).scalars().all()
        assert verify(connection, "workbench").whole
    assert (kept.account, kept.title, kept.decision) == (rosa.id, "Sleep and backs", None)
    assert "application:create" in actions


@pytest.mark.parametrize(
    "slip",
    [
        {"title": ""},
        {"title": "x" * 201},
        {"purpose": "short"},
        {"purpose": "x" * 4001},
        {"plan": "x" * 10_001},
        {"items": []},
        {"items": ["baseline.name"]},
        {"level": "everything"},
        {"ethics_reference": ""},
        {"wanted_until": "2020-01-01"},
        {"wanted_until": "2150-01-01"},
        {"wanted_until": "tomorrow"},
    ],
)
def test_an_unfit_request_is_told_what_to_do_and_not_kept(
    room: Flask, newcomer: Callable[..., Researcher], slip: dict[str, str]
) -> None:
    rosa = newcomer("Rosa Researcher")

    answer = rosa.post("/ask", ASKED | slip)

    assert answer.status_code == 422
    assert "another look" in answer.text
    with room.app_context(), reading("workbench") as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(APPLICATIONS)).scalar() == 0


def test_nobody_can_register_themselves(room: Flask) -> None:
    addresses = [rule.rule for rule in room.url_map.iter_rules()]

    assert not [
        address for address in addresses if "register" in address or "sign-up" in address or "account" in address
    ]


def test_the_room_refuses_to_start_with_an_export_key_that_custody_did_not_certify(settings: ResearchSettings) -> None:
    other = base64.b64encode(secrets.token_bytes(32)).decode()

    for change in ({"export_key": other}, {"custody_public_key": other}):
        with pytest.raises(Unsafe, match="export_certificate"):
            create_app(settings.model_copy(update=change))
