"""The clinic's home page: who of the own site needs something today, the most pressing first, and nobody else's."""

import re
from dataclasses import replace
from datetime import time, timedelta
from types import MappingProxyType
from uuid import uuid4

import pytest
import sqlalchemy as sa

from studyportal.clinic.alerts.waiting import LOOKS
from studyportal.clinic.worklist.needs import NEEDS, Asked, needs_of_site
from studyportal.clinic.worklist.silence import OFTEN, Judge, Silence, several
from studyportal.database import db, reading, writing
from studyportal.protocol import SHIPPED, Duration, Instrument, Schedule, load_protocol
from studyportal.registry.consent_forms import begin_with
from studyportal.registry.message_tables import MESSAGES
from studyportal.registry.pauses import begin_pause, is_paused, paused_at_site
from studyportal.registry.reset_tables import PASSPHRASE_RESETS
from studyportal.registry.tables import CONSENT_RECORDS, ENROLMENTS, WITHDRAWALS
from tests.clinic.test_adherence import NOW, ORIGIN, ZONE, clinic, enrol, protocol, registry, signed_in  # noqa: F401
from tests.clinic.test_alerts import alert

TODAY = NOW.date()  # Monday 30 March 2026, noon in Berlin; the evening of the 29th can be written until 15:00


@pytest.fixture(autouse=True)
def signed(monkeypatch):
    """Everybody has signed the form in force, but where a test is about that."""
    monkeypatch.setattr("studyportal.registry.needs.without_version", lambda *_, **__: [])


def needs(site="NS", *, of=None, account=None, now=NOW):
    with reading("registry", site=site) as connection:
        return needs_of_site(Asked(connection, site, account or uuid4(), of or load_protocol(SHIPPED), now))


def days_ago(days):
    return TODAY - timedelta(days=days)


def only_evening(protocol):  # noqa: F811
    return replace(protocol, instruments=MappingProxyType({"evening": protocol.instruments["evening"]}))


def message(enrolment, sent_at):
    row = {"id": uuid4(), "enrolment": enrolment, "sent_at": sent_at, "sender": "participant", "sealed": b"s"}
    with writing("registry", enrolment=enrolment) as connection:
        connection.execute(sa.insert(MESSAGES), row)


def reset(enrolment, *, asked_by, **state):
    row = {"id": uuid4(), "enrolment": enrolment, "state": "asked", "asked_at": NOW - timedelta(hours=5)}
    with writing("registry", enrolment=enrolment) as connection:
        connection.execute(sa.insert(PASSPHRASE_RESETS), row | {"asked_by": asked_by, "asked_check": "met"} | state)


def test_three_evenings_in_a_row_are_silence_and_two_are_not(protocol):  # noqa: F811
    judge = Judge(protocol.instruments["evening"], now=NOW)
    start = days_ago(9)  # nine evenings have opened, eight are over

    assert judge.silence(start, ZONE, last=5) == Silence(3, start + timedelta(days=5))
    assert judge.silence(start, ZONE, last=6) is None
    assert judge.silence(days_ago(2), ZONE, last=0) is None


def test_who_has_been_asked_for_the_last_time_is_not_silent():
    schedule = Schedule(form="every", every_days=1, last_day=10, opens=time(17), window=Duration(minutes=600))
    judge = Judge(Instrument(name="evening", title="Evening", items={}, schedule=schedule), now=NOW)

    assert judge.silence(days_ago(30), ZONE, last=5) is None


def test_a_silence_of_more_than_four_weeks_has_left_the_list(protocol):  # noqa: F811
    judge = Judge(protocol.instruments["evening"], now=NOW)

    assert judge.silence(days_ago(40), ZONE, last=13).since == days_ago(27)
    assert judge.silence(days_ago(40), ZONE, last=11) is None


@pytest.mark.parametrize("days", range(1, OFTEN + 1))
def test_every_rhythm_that_is_often_has_its_several(days):
    assert several(Schedule(form="every", every_days=days)) in (2, 3)


def test_the_database_leaves_out_nobody_who_is_silent(registry, protocol):  # noqa: F811
    """Whatever day 1, zone and last entry: what the coarse question finds, judged, is what judging everybody finds."""
    protocol = only_evening(protocol)
    judge = Judge(protocol.instruments["evening"], now=NOW)
    expected = {}
    for zone in ("Pacific/Kiritimati", "Europe/Berlin", "Pacific/Pago_Pago"):
        for began in (0, 1, 2, 3, 4, 5, 27, 28, 29, 31, 60):
            for last in {0, 1, max(0, began - 30), max(0, began - 5), max(0, began - 3), max(0, began - 2), began}:
                id = enrol("NS", given=[last] if last else [], start=days_ago(began))
                with writing("registry", site="NS", enrolment=id) as connection:
                    connection.execute(sa.update(ENROLMENTS).where(ENROLMENTS.c.id == id).values(zone=zone))
                if silent := judge.silence(days_ago(began), zone, last):
                    expected[id] = silent.since

    found = {need.enrolment: need.since.date() for need in needs(of=protocol)}

    assert found == expected
    assert 10 < len(expected) < 150


def test_who_has_left_or_comes_from_a_file_is_not_overdue(registry, protocol):  # noqa: F811
    silent, gone, imported = (enrol("NS", start=days_ago(9)) for _ in range(3))
    with writing("registry", site="NS", enrolment=gone) as connection:
        row = {"id": uuid4(), "enrolment": gone, "scope": "study", "strength": "stop", "requested_at": NOW}
        connection.execute(sa.insert(WITHDRAWALS), row)
        connection.execute(sa.update(ENROLMENTS).where(ENROLMENTS.c.id == imported).values(source="imported"))

    assert [need.enrolment for need in needs(of=only_evening(protocol))] == [silent]


def test_whoever_pauses_is_not_silent_and_silence_begins_anew_after_it(registry, protocol):  # noqa: F811
    resting, back, anew = (enrol("NS", start=days_ago(60)) for _ in range(3))
    until = {resting: None, back: NOW - timedelta(days=3), anew: NOW - timedelta(days=6)}
    for id, end in until.items():
        with writing("registry", enrolment=id) as connection:
            begin_pause(connection, uuid4(), id, until=end, now=NOW - timedelta(days=50))

    (need,) = needs(of=only_evening(protocol))

    assert need.enrolment == anew and (TODAY - need.since.date()).days == 6
    with reading("registry", site="NS") as connection:
        assert [row.enrolment for row in paused_at_site(connection, "NS", required_scopes=["study"], now=NOW)] == [
            resting
        ]
        assert paused_at_site(connection, "SS", required_scopes=["study"], now=NOW) == []
        assert is_paused(connection, resting, NOW) and not is_paused(connection, back, NOW)


def test_a_form_of_the_clinic_is_wanted_around_its_time_and_no_longer_when_it_is_there(registry, protocol):  # noqa: F811
    schedule = Schedule(form="once", first_day=1, window=Duration(days=60), grace=Duration(days=300))
    form = Instrument(name="checked", title="Checked", by="clinician", items={}, schedule=schedule)
    protocol = replace(protocol, instruments=MappingProxyType({"checked": form}))
    for began in (10, 44, 47, 59, 61, 87, 90, 400):
        enrol("NS", start=days_ago(began))

    found = needs(of=protocol)

    began = {(TODAY - need.since.date()).days: need.state for need in found}
    assert began == {47: "Due", 59: "Due", 61: "Late", 87: "Late"}
    assert found[0].state == "Late"


def test_the_most_pressing_and_oldest_come_first_and_only_the_own_site(registry, protocol):  # noqa: F811
    mine, colleague = uuid4(), uuid4()
    people = [enrol("NS", given=[1, 2, 3], start=TODAY) for _ in range(4)]
    alert(people[0], "low")
    alert(people[1], "urgent", raised_at=NOW - timedelta(hours=1))
    alert(people[0], "high", raised_at=NOW - timedelta(days=3))
    message(people[2], NOW - timedelta(hours=9))
    message(people[2], NOW - timedelta(hours=2))
    reset(people[3], asked_by=mine)
    other = enrol("SS", given=[1], start=TODAY)
    alert(other, "urgent")
    message(other, NOW)
    reset(other, asked_by=colleague)

    found = needs(of=only_evening(protocol), account=mine)

    assert [(need.kind, need.enrolment) for need in found] == [
        ("alert", people[1]), ("alert", people[0]), ("message", people[2]), ("reset", people[3]), ("alert", people[0])
    ]  # fmt: skip
    assert found[2].what == "2 messages" and found[2].since == NOW - timedelta(hours=9)
    assert found[3].state == "Waits for a colleague"
    assert {need.kind for need in found} <= set(NEEDS)
    assert all(need.look in {"good", "attention", "urgent", "neutral"} for need in found)
    assert set(LOOKS) == {"urgent", "high", "low"}


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ({}, True),
        ({"asked_at": NOW - timedelta(days=8)}, False),
        ({"state": "waiting", "ready_at": NOW - timedelta(minutes=1)}, True),
        ({"state": "waiting", "ready_at": NOW + timedelta(minutes=1)}, False),
        ({"state": "waiting", "ready_at": NOW - timedelta(days=15)}, False),
    ],
)
def test_new_words_wait_only_while_staff_can_do_something(registry, protocol, state, shown):  # noqa: F811
    second = {"confirmed_at": NOW, "confirmed_by": uuid4(), "confirmed_check": "met"} if "state" in state else {}
    reset(enrol("NS", start=TODAY), asked_by=uuid4(), **second, **state)

    assert bool(needs(of=only_evening(protocol))) is shown


def test_who_agreed_to_an_earlier_form_has_one_to_sign(registry, protocol, monkeypatch):  # noqa: F811
    monkeypatch.undo()
    with writing("registry") as connection:
        begin_with(connection, protocol.consent.version, [protocol.consent.digest], now=NOW)
    agreed, earlier = enrol("NS", start=TODAY), enrol("NS", start=TODAY)
    for id, version in ((agreed, protocol.consent.version), (earlier, "0")):
        row = {"id": uuid4(), "enrolment": id, "form_version": version, "text_sha256": bytes(32), "scopes": "[]"}
        with writing("registry", enrolment=id) as connection:
            connection.execute(
                sa.insert(CONSENT_RECORDS), row | {"agreed_at": NOW, "zone": "UTC", "source": "synthetic"}
            )

    found = needs(of=only_evening(protocol))

    assert [(need.kind, need.enrolment, need.since) for need in found] == [("consent", earlier, NOW)]


def page_of(client, path="/"):
    return client.get(path, base_url=ORIGIN).text


def find(client, code):
    token = re.search(r'name="csrf_token" value="([^"]+)"', page_of(client))[1]
    headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
    return client.post("/", data={"csrf_token": token, "code": code}, base_url=ORIGIN, headers=headers)


def code_of(id):
    with reading("registry") as connection:
        return connection.scalar(sa.select(ENROLMENTS.c.participant_code).where(ENROLMENTS.c.id == id))


def test_a_site_without_participants_is_told_what_will_be_here(clinic):  # noqa: F811
    page = page_of(signed_in(clinic, "Ada"))

    assert "Nothing waits today" in page and "Nobody has joined yet" in page


def test_the_page_counts_filters_and_takes_an_alert_on(clinic):  # noqa: F811
    with clinic.app_context():
        urgent, silent, other = enrol("NS", given=[28]), enrol("NS", start=days_ago(9)), enrol("SS", given=[1])
        id = alert(urgent, "urgent")
        alert(other, "urgent")
    ada, grace = signed_in(clinic, "Ada"), signed_in(clinic, "Grace")

    page = page_of(ada)
    assert "1 thing cannot wait" in page and "Nobody has it yet" in page
    assert f"/alerts/{id}/acknowledge" in page and "Overdue diaries (2)" in page
    assert f"/alerts/{id}" not in page_of(ada, "/?kind=overdue") and str(silent) in page_of(ada, "/?kind=overdue")
    assert "Nothing of this kind" in page_of(ada, "/?kind=message")
    assert str(urgent) not in page_of(grace) and f"/alerts/{id}" not in page_of(grace)
    assert "I am taking care of it" not in page_of(grace)


def test_a_code_shows_what_one_participant_needs_and_stays_out_of_every_address(clinic):  # noqa: F811
    with clinic.app_context():
        silent, well, other = enrol("NS", start=days_ago(9)), enrol("NS", start=TODAY), enrol("SS", start=days_ago(9))
        codes = [code_of(one) for one in (silent, well, other)]
    ada = signed_in(clinic, "Ada")

    assert "missed in a row" in find(ada, codes[0].lower().replace("-", " ")).text
    assert "Nothing is needed of them today" in find(ada, codes[1]).text
    for wrong in (codes[2], "", "NS", "x" * 10_000, "<b>\u202e\U0001f600", "NS-0000-0000"):
        answer = find(ada, wrong)
        assert answer.status_code == 422 and "No participant of this site has this code" in answer.text
        assert str(other) not in answer.text
    assert not any(code in page_of(ada).split("<main")[0] for code in codes)


@pytest.mark.parametrize("wrong", ["kind=mood", "page=0", "page=2", "page=-1", "kind=alert&page=9"])
def test_a_page_that_is_none_is_not_there(clinic, wrong):  # noqa: F811
    assert signed_in(clinic, "Ada").get(f"/?{wrong}", base_url=ORIGIN).status_code == 404


def test_more_than_a_page_is_paged(clinic):  # noqa: F811
    with clinic.app_context():
        for _ in range(51):
            enrol("NS", start=days_ago(9))
    ada = signed_in(clinic, "Ada")

    assert "51 participants need something" in page_of(ada) and "Page 1 of 2" in page_of(ada)
    assert page_of(ada, "/?page=2").count("<tr") == 2


def test_who_has_no_site_sees_nobody(clinic):  # noqa: F811
    assert clinic.test_client().get("/", base_url=ORIGIN).status_code == 401
    assert signed_in(clinic, "Nomad").get("/", base_url=ORIGIN).status_code == 403


def test_the_page_asks_as_often_for_sixty_as_for_two(clinic, monkeypatch):  # noqa: F811
    asked = []

    def count(connection, cursor, statement, *_):
        asked.append(statement)

    ada = signed_in(clinic, "Ada")
    counts = []
    for people in (2, 58):
        with clinic.app_context():
            for _ in range(people):
                enrol("NS", start=days_ago(9))
            sa.event.listen(db.engines["registry"], "before_cursor_execute", count)
        asked.clear()
        page_of(ada)
        counts.append(len(asked))
        with clinic.app_context():
            sa.event.remove(db.engines["registry"], "before_cursor_execute", count)

    assert counts[0] == counts[1]
