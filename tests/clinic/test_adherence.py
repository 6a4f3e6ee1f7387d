"""The clinic sees when entries came at its own site, and nothing else."""

import re
import secrets
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from uuid import uuid4

import pytest
import sqlalchemy as sa

from studyportal import clock
from studyportal.audit import Actor
from studyportal.clinic.adherence.calendar import STATES, months
from studyportal.clinic.adherence.figures import last_week, overall, unasked
from studyportal.clinic.app import create_app
from studyportal.clinic.settings import ClinicSettings
from studyportal.database import reading, writing
from studyportal.protocol import SHIPPED, Duration, Instrument, Schedule, load_protocol
from studyportal.protocol.adherence import Adherence, counted, occasion_states
from studyportal.protocol.schedules import Pause
from studyportal.registry import adherence
from studyportal.registry.codes import new_participant_code
from studyportal.registry.tables import ENROLMENTS, SEALED_ENTRIES, SITES, WITHDRAWALS
from studyportal.web.sign_in.actions import add_account
from tests.factors import let_in

NOW = datetime(2026, 3, 30, 10, 0, tzinfo=UTC)
START = date(2026, 3, 2)
ZONE = "Europe/Berlin"
ORIGIN = "http://localhost:8001"
WORDS = "copper lantern river seven"


def instrument(name, by="participant", **schedule):
    return Instrument(name=name, title=name.title(), by=by, items={}, schedule=Schedule(**schedule))


@pytest.fixture(scope="module")
def protocol():
    hours = {"opens": time(17), "window": Duration(minutes=600), "grace": Duration(minutes=720)}
    parts = (
        instrument("baseline", form="once", window=Duration(days=14), grace=Duration(days=30)),
        instrument("evening", form="every", every_days=1, **hours),
        instrument("dose", form="on_demand", back_days=2),
        instrument("follow_up", form="after", after="dose", **hours),
        instrument("visit", by="clinician", form="every", every_days=1, **hours),
        instrument("screening", form="before_consent"),
    )
    return replace(load_protocol(SHIPPED), instruments=MappingProxyType({part.name: part for part in parts}))


def enrol(site, *, given=(), start=START):
    """A participant at a site whose evenings of these days came (day 1 is `start`); late ones as negative numbers."""
    id = uuid4()
    rows = [
        {
            "id": uuid4(),
            "enrolment": id,
            "schedule": "evening",
            "occasion": abs(day),
            "received_at": datetime(start.year, start.month, start.day, 19, tzinfo=UTC)
            + timedelta(days=abs(day) - 1, hours=12 if day < 0 else 0),
            "commitment": bytes(32),
            "receipt": bytes(64),
            "sealed": b"sealed",
        }
        for day in given
    ]
    with writing("registry", site=site, enrolment=id) as connection:
        connection.execute(
            sa.insert(ENROLMENTS),
            {
                "id": id,
                "participant_code": new_participant_code(site, secrets),
                "site": site,
                "zone": ZONE,
                "source": "synthetic",
                "claimed_at": NOW,
                "started_on": start,
            },
        )
        if rows:
            connection.execute(sa.insert(SEALED_ENTRIES), rows)
    return id


@pytest.fixture
def registry(building):
    with writing("registry") as connection:
        for site, name in (("NS", "Northside"), ("SS", "Southside")):
            connection.execute(sa.insert(SITES), {"id": site, "name": name, "created_at": NOW})


def test_what_is_due_is_what_is_over_and_an_open_occasion_is_no_miss(protocol):
    during = datetime(2026, 3, 2, 20, tzinfo=UTC)
    after = datetime(2026, 3, 3, 17, tzinfo=UTC)

    assert overall(protocol, 0, start=START, zone=ZONE, now=during) == Adherence(0, 0)
    assert overall(protocol, 0, start=START, zone=ZONE, now=after) == Adherence(1, 0)
    assert overall(protocol, 1, start=START, zone=ZONE, now=during) == Adherence(1, 1)
    assert Adherence(0, 0).percent is None


def test_the_last_week_has_seven_evenings(protocol):
    given = {("evening", 22), ("evening", 27), ("evening", 3)}

    assert last_week(protocol, given, start=START, zone=ZONE, now=NOW) == Adherence(7, 2)


def test_each_occasion_is_given_late_missed_or_open(protocol):
    came = {
        ("evening", 1): datetime(2026, 3, 2, 19, tzinfo=UTC),
        ("evening", 2): datetime(2026, 3, 4, 7, tzinfo=UTC),
    }

    states = occasion_states(
        protocol.instruments["evening"], came, start=START, zone=ZONE, now=datetime(2026, 3, 5, 20, tzinfo=UTC)
    )

    paused = occasion_states(
        protocol.instruments["evening"],
        came,
        start=START,
        zone=ZONE,
        now=datetime(2026, 3, 5, 20, tzinfo=UTC),
        pauses=[Pause(datetime(2026, 3, 3, 20, tzinfo=UTC), datetime(2026, 3, 4, 23, tzinfo=UTC))],
    )

    assert list(states.values()) == ["given", "late", "missed", "open"]
    assert list(paused.values()) == ["given", "late", "paused", "open"]
    assert {*states.values(), *paused.values()} == set(STATES)


def test_what_a_pause_left_out_is_not_due_and_what_was_given_in_it_is(protocol):
    pauses = [Pause(datetime(2026, 3, 20, 12, tzinfo=UTC), datetime(2026, 3, 28, 23, tzinfo=UTC))]
    given = {("evening", 1), ("evening", 20)}
    about = {"start": START, "zone": ZONE, "now": NOW}

    left_out = unasked(protocol, pauses, given, **about)

    assert left_out == {("evening", number) for number in (19, *range(21, 28))}
    assert overall(protocol, 2, **about).due - overall(protocol, 2, **about, unasked=left_out).due == 8
    assert last_week(protocol, given, **about, unasked=left_out) == Adherence(0, 0)


def test_only_what_participants_are_asked_at_known_times_is_counted(protocol):
    given = {("evening", 27), ("visit", 27)}

    assert [one.name for one in counted(protocol)] == ["baseline", "evening"]
    assert last_week(protocol, given, start=START, zone=ZONE, now=NOW) == Adherence(7, 1)


def test_an_evening_given_before_a_flight_west_is_on_the_calendar_though_it_opens_later_there(protocol):
    came = {("evening", 1): datetime(2026, 3, 2, 16, 30, tzinfo=UTC)}

    states = occasion_states(
        protocol.instruments["evening"], came, start=START, zone="America/New_York", now=came["evening", 1]
    )

    assert states == {START: "given"}


def test_a_month_holds_its_own_days_from_monday(protocol):
    (march,) = months({date(2026, 3, 31): "given"})

    assert [len(week) for week in march.weeks] == [7] * 6
    assert march.weeks[0][:6] == [None] * 6
    assert march.weeks[0][6].date == date(2026, 3, 1)
    assert march.weeks[5][1].state == "given"


def test_a_page_is_counted_by_the_database_for_its_own_site(registry):
    silent, busy = enrol("NS"), enrol("NS", given=[1, 2, 3])
    enrol("SS", given=[1])

    with reading("registry", site="NS") as connection:
        page = adherence.participants_page(connection, "NS", required_scopes={"study"}, order="quiet", page=1, size=50)
        given = adherence.given_counts(connection, [silent, busy], {"evening"})
        others = adherence.given_counts(connection, [silent, busy], {"visit"})
        total = adherence.count_participants(connection, "NS")

    assert [row.id for row in page] == [silent, busy]
    assert page[0].last_entry is None
    assert page[1].last_entry == datetime(2026, 3, 4, 19, tzinfo=UTC)
    assert given == {busy: 3}
    assert others == {}
    assert total == 2


def test_another_sites_participant_is_not_there(registry):
    other = enrol("SS", given=[1])

    with reading("registry", site="NS") as connection:
        assert adherence.participant_of_site(connection, "NS", other, required_scopes={"study"}) is None


@pytest.fixture
def clinic(sqlite_databases, tmp_path, monkeypatch):
    """The clinic room with two sites and a clinician at each; nobody has signed in."""
    settings = ClinicSettings.read(
        {
            "port": 8001,
            "origin": ORIGIN,
            "secret_key": b64encode(secrets.token_bytes(32)).decode(),
            "databases": {"registry": sqlite_databases["registry"]},
            "protocol": SHIPPED,
            "synthetic": True,
            "workers": 1,
            "desk": "/nowhere/desk.sock",
            "custody_public_key": b64encode(secrets.token_bytes(32)).decode(),
            "threads": 1,
            "log": str(tmp_path / "clinic.log"),
        }
    )
    monkeypatch.setattr(clock, "now", lambda: NOW)
    app = create_app(settings)
    with app.app_context(), writing("registry") as connection:
        for site, name, staff, role in (
            ("NS", "Northside", "Ada", "clinician"),
            ("SS", "Southside", "Grace", "coordinator"),
            (None, None, "Nomad", "clinician"),
            (None, None, "Auditor", "auditor"),
        ):
            if site:
                connection.execute(sa.insert(SITES), {"id": site, "name": name, "created_at": NOW})
            add_account(
                connection,
                "registry",
                name=staff,
                role=role,
                site=site,
                passphrase=WORDS,
                own_words=(),
                actor=Actor("command", "administrator", "test"),
                now=NOW,
            )
    return app


def signed_in(app, name):
    return let_in(app.test_client(), "registry", name)


def test_a_clinician_sees_own_participants_and_a_calendar(clinic):
    with clinic.app_context():
        own, other = enrol("NS", given=[1, 2, -3]), enrol("SS", given=[1])
        with writing("registry") as connection:
            row = {"id": uuid4(), "enrolment": own, "scope": "study", "strength": "stop", "requested_at": NOW}
            connection.execute(sa.insert(WITHDRAWALS), row)

    ada = signed_in(clinic, "Ada")
    listed = ada.get("/participants/", base_url=ORIGIN).text
    one = ada.get(f"/participants/{own}", base_url=ORIGIN)

    assert "Participants at Northside" in listed
    assert str(own) in listed
    assert str(other) not in listed
    assert "Has left" in listed
    assert "Came late" in one.text
    assert ada.get(f"/participants/{other}", base_url=ORIGIN).status_code == 404
    assert ada.get(f"/participants/{uuid4()}", base_url=ORIGIN).status_code == 404


def test_a_code_leads_to_the_own_participant_only(clinic):
    with clinic.app_context():
        own, other = enrol("NS"), enrol("SS")
        with reading("registry") as connection:
            codes = dict(connection.execute(sa.select(ENROLMENTS.c.id, ENROLMENTS.c.participant_code)).all())

    ada = signed_in(clinic, "Ada")

    def find(code):
        page = ada.get("/participants/", base_url=ORIGIN).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        data = {"csrf_token": token, "code": code}
        return ada.post("/participants/find", data=data, base_url=ORIGIN, headers={"Sec-Fetch-Site": "same-origin"})

    assert str(own) in find(codes[own].lower()).location
    assert find(codes[other]).location == "/participants/"
    assert ada.get("/participants/find", query_string={"code": codes[own]}, base_url=ORIGIN).status_code == 405


def test_many_participants_are_paged(clinic):
    with clinic.app_context():
        for _ in range(60):
            enrol("NS")

    ada = signed_in(clinic, "Ada")

    assert "Page 1 of 2" in ada.get("/participants/", base_url=ORIGIN).text
    assert ada.get("/participants/?page=2&order=code", base_url=ORIGIN).text.count("<tr") == 11
    for wrong in ("page=3", "page=0", "order=mood"):
        assert ada.get(f"/participants/?{wrong}", base_url=ORIGIN).status_code == 404


def test_nobody_an_auditor_and_an_account_without_a_site_see_nobody(clinic):
    assert clinic.test_client().get("/", base_url=ORIGIN).status_code == 401
    assert signed_in(clinic, "Nomad").get("/", base_url=ORIGIN).status_code == 403


def test_the_clinic_has_the_registry_and_no_other_database(clinic):
    assert set(clinic.config["SQLALCHEMY_BINDS"]) == {"registry"}
