"""On PostgreSQL intake and the clinic do all of their work under their own roles: no grant is missing."""

import re
import secrets
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from studyportal import clock
from studyportal.database import reading, writing
from studyportal.portal.granting import apply_grants
from studyportal.portal.inside import databases_of
from studyportal.registry.adherence import ORDERS, count_participants, given_counts, occasions_since, participants_page
from studyportal.registry.entries import occasions_given
from studyportal.registry.reminding import tell_ways
from studyportal.registry.tables import ENROLMENTS
from studyportal.sealing.signatures import Signer
from tests.intake.conftest import NOW, Browser, Custodian, hidden, intake_app, open_study
from tests.intake.test_api import entry
from tests.intake.test_pages import CHOICES, join, shown
from tests.intake.test_passkeys import add_one
from tests.intake.test_passkeys import sign_in as sign_in_by_passkey
from tests.intake.test_reminders import ADDRESS, WISHES, make_calendar, subscribe
from tests.push_service import HOST, Subscribed


@pytest.fixture
def as_role(postgresql, postgresql_databases):
    """Answer `as_role(room)`: the addresses of the databases for that room's role; "" is their owner."""
    for role in ("intake", "clinic", "custody", "research"):
        postgresql.run(
            f"DO $$ BEGIN CREATE ROLE studyportal_{role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
    for bind, url in postgresql_databases.items():
        apply_grants(bind, url)
    names = {bind: sa.make_url(url).database for bind, url in postgresql_databases.items()}

    def addresses(room):
        if not room:
            return postgresql_databases
        return {bind: postgresql.url(name, user=f"studyportal_{room}") for bind, name in names.items()}

    return addresses


def test_a_participants_whole_way_needs_no_more_than_intakes_grants(as_role, protocol, tmp_path, monkeypatch):
    custodian, seed = Custodian(), secrets.token_bytes(32)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with databases_of(as_role("")):
        study = open_study(protocol, custodian, Signer(seed))
        codes = [study.issue_code(), study.issue_code()]
        with writing("registry") as connection:
            tell_ways(connection, {"mail": {}, "push": {"public_key": "B" * 87, "services": HOST}}, now=NOW)

    app = intake_app(as_role("intake"), custodian, seed, tmp_path / "intake.log")
    first, second = Browser(app), Browser(app)
    tokens = []
    for browser, code in zip((first, second), codes, strict=True):
        consent, along, participant_code, words = join(browser, code)
        choices = CHOICES | along | {"text": shown(consent), "passphrase": " ".join(words)}
        signed = browser.post("/join/sign", choices, page=consent)
        assert signed.status_code == 303
        credentials = {"code": participant_code, "passphrase": " ".join(words)}
        tokens.append(browser.json("/api/devices", credentials).json["token"])
    page = first.get("/diary/evening/1").text
    kept = first.post("/diary/evening/1", hidden(page) | {"pain_average": "4"}, page=page)
    sent = entry()
    statuses = [
        first.json("/api/entries", sent, token=token).status_code for token in (tokens[0], tokens[0], tokens[1])
    ]

    assert statuses == [201, 200, 409]
    assert "It is kept" in first.get(kept.location).text
    assert second.get(kept.location).status_code == 404
    assert len(first.get("/download").json["entries"]) == 3
    assert first.get("/sessions").status_code == 200
    key, _ = add_one(second, SimpleNamespace(passphrase=" ".join(words)))
    third = Browser(app)
    assert sign_in_by_passkey(third, key).status_code == 303
    opened = third.post("/your-words?next=/course", {"opening_words": " ".join(words)})
    assert (opened.status_code, third.get("/course").status_code) == (303, 200)
    (hers,) = re.findall(r'name="passkey" value="([^"]+)"', third.get("/sessions").text)
    gone = third.post("/passkeys/remove", {"passkey": hers, "passphrase": " ".join(words)}, page=third.get("/").text)
    assert gone.status_code == 303
    _choose_reminders(first, second, app)
    assert first.post("/leave/sharing/stop", {"word": "STOP"}).status_code == 303
    assert first.post("/leave/study/erase", {"word": "ERASE"}).status_code == 303
    assert first.get("/course").status_code == 401
    assert second.post("/sign-out", {}, page=second.get("/").text).status_code == 303


def _choose_reminders(first, second, app):
    """Every way of being reminded, begun, shown to nobody else, and ended."""
    for path, data in (("address", {"address": ADDRESS}), ("address", {"address": ADDRESS}), ("wishes", WISHES)):
        assert first.post(f"/reminders/{path}", data, page=first.get("/reminders").text).status_code == 303
    assert subscribe(first, Subscribed()).status_code == 204
    make_calendar(first)
    address = make_calendar(first)
    page = first.get("/reminders").text
    assert ADDRESS in page and ADDRESS not in second.get("/reminders").text
    assert Browser(app).get(address).status_code == 200
    place = re.search(r'name="place" value="([^"]+)"', page)[1]
    assert second.post("/reminders/end", {"place": place}, page=second.get("/reminders").text).status_code == 404
    assert first.post("/reminders/end", {"place": place}, page=page).status_code == 303
    assert first.post("/reminders/calendar/end", {}, page=page).status_code == 303
    assert Browser(app).get(address).status_code == 404


def test_the_clinics_figures_need_no_more_than_its_grants(as_role, protocol):
    with databases_of(as_role("")):
        study = open_study(protocol)
        study.participant()
        with reading("registry") as connection:
            (id,) = connection.scalars(sa.select(ENROLMENTS.c.id)).all()

    with databases_of({"registry": as_role("clinic")["registry"]}), reading("registry", site="NS") as connection:
        for order in ORDERS:
            rows = participants_page(connection, "NS", required_scopes={"study"}, order=order, page=1, size=50)
            assert [row.id for row in rows] == [id]
        assert count_participants(connection, "NS") == 1
        assert given_counts(connection, [id], {"evening"}) == {}
        assert occasions_since(connection, [id], NOW) == {}
        assert occasions_given(connection, id) == {}
