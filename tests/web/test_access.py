"""A page without a rule keeps the room from starting; a rule lets in its roles and nobody else."""

from collections.abc import Mapping

import pytest
from flask import Blueprint, Flask

from studyportal.errors import Unsafe
from studyportal.web.access import Visitor
from studyportal.web.access_table import ROLES, Rule, public, rule
from studyportal.web.here import here
from studyportal.web.room import make_room
from tests.web.conftest import BIND, PROTOCOL, Room, hire, settings_with, sign_in

STAFF = sorted(set(ROLES) - {"public", "device", "participant"})


def _room_with(blueprint: Blueprint, databases: Mapping[str, str], rules: Mapping[str, Rule], **links: object) -> Flask:
    return make_room(
        "clinic",
        settings_with(databases={BIND: databases[BIND]}),
        PROTOCOL,
        [blueprint],
        visitor_of=lambda request: None,
        rules={"asset": public("load")} | rules,
        **{"sign_in": None, "sign_out": None} | links,
    )


def test_a_room_with_pages_without_a_rule_does_not_start_and_names_them(databases: Mapping[str, str]) -> None:
    pages = Blueprint("desk", __name__)
    pages.add_url_rule("/a", "known", lambda: "a")
    pages.add_url_rule("/b", "forgotten", lambda: "b")
    pages.add_url_rule("/c", "also_forgotten", lambda: "c")

    with pytest.raises(Unsafe) as refusal:
        _room_with(pages, databases, {"desk.known": public("look")})

    assert "desk.also_forgotten, desk.forgotten" in refusal.value.sentence


def test_a_rule_without_a_page_keeps_the_room_from_starting(databases: Mapping[str, str]) -> None:
    with pytest.raises(Unsafe, match="desk.gone"):
        _room_with(Blueprint("desk", __name__), databases, {"desk.gone": public("look")})


@pytest.mark.parametrize("roles", ["superuser", ""])
def test_a_rule_cannot_name_a_role_that_does_not_exist_or_none(databases: Mapping[str, str], roles: str) -> None:
    pages = Blueprint("desk", __name__)
    pages.add_url_rule("/a", "known", lambda: "a")

    with pytest.raises(Unsafe, match=roles or "no role"):
        _room_with(pages, databases, {"desk.known": rule(roles, "own", "look")})


def test_a_link_to_a_page_that_does_not_exist_keeps_the_room_from_starting(databases: Mapping[str, str]) -> None:
    pages = Blueprint("desk", __name__)

    with pytest.raises(Unsafe, match="desk.nowhere"):
        _room_with(pages, databases, {}, nav=[("desk.nowhere", "Nowhere")])


@pytest.mark.parametrize("role", STAFF)
def test_every_role_sees_its_pages_and_no_others(room: Room, role: str) -> None:
    hire(room, role=role)
    client = room.client()
    sign_in(client)

    seen = {path: client.get(path).status_code for path in ("/", "/audit", "/open")}

    assert seen["/"] == (200 if role in ("clinician", "coordinator") else 403)
    assert seen["/audit"] == (200 if role == "auditor" else 403)
    assert seen["/open"] == 200


def test_nobody_sees_open_pages_only(room: Room) -> None:
    client = room.client()

    seen = {path: client.get(path).status_code for path in ("/", "/audit", "/open", "/sessions", "/sign-in")}

    assert seen == {"/": 401, "/audit": 401, "/open": 200, "/sessions": 401, "/sign-in": 200}


def test_links_are_shown_to_those_for_whom_they_lead_somewhere(room: Room) -> None:
    hire(room)
    client = room.client()
    sign_in(client)

    page = client.get("/open").get_data(as_text=True)

    assert ">Today<" in page and ">About<" in page
    assert ">Trail<" not in page


def test_room_study_site_and_role_are_on_the_page(room: Room) -> None:
    hire(room)
    client = room.client()
    sign_in(client)

    page = client.get("/").get_data(as_text=True)

    for words in (
        "Clinic",
        "Microdosing and chronic pain",
        "Clinician",
        "NS",
        "Dr Ada Lindqvist",
        "Sign out",
        "Synthetic data",
    ):
        assert words in page


def test_who_is_calling_is_looked_up_once(room: Room) -> None:
    looked_up = []

    def slow(request: object) -> Visitor:
        looked_up.append(1)
        return Visitor("clinician", "1", "Ada", None, None)

    place = here(room.app)
    object.__setattr__(place, "visitor_of", slow)
    room.client().get("/")

    assert looked_up == [1]
