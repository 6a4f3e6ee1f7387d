"""Alerts that hang on former entries: custody opens what they read and raises one alert, however often it is asked."""

import secrets
from datetime import timedelta
from uuid import uuid4

import pytest

from studyportal.audit import Actor
from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.custody.compaction.actions import compact
from studyportal.custody.looking_back.actions import look_back
from studyportal.custody.opening.entries import diary_openers
from studyportal.database import reading, writing
from studyportal.errors import CannotOpen
from studyportal.intake.diary.submission import submit
from studyportal.intake.enrolment.sessions import Enrolled
from studyportal.keyring.tables import WRAPPED_SEEDS
from studyportal.outbox.tables import OUTBOX
from studyportal.protocol import read_protocol
from studyportal.protocol.alerts import read_raised
from studyportal.registry.alert_tables import SAFETY_ALERTS
from studyportal.registry.alerts import bury_alerts
from studyportal.registry.contexts import alert_context
from studyportal.registry.enrolments import public_key
from studyportal.registry.folding import erase_entries
from studyportal.sealing.signatures import Signer
from studyportal.web.answering.times import Times
from tests.custody.cast import CUSTODIAN, NOW, START, House
from tests.protocol.documents import HEAD

WORKER = Actor("custody", "worker", "worker")


def look(house, entry, *, protocol=None):
    return look_back(entry, keys=house.keys, protocol=protocol or house.protocol, actor=WORKER, now=NOW)


def evening(house, who, day, pain, **more):
    return house.entry(who, "evening", {"pain_average": pain}, day=day, source="participant", **more)


def baseline(house, who, usual, **more):
    return house.entry(who, "baseline", {"pain_usual": usual}, day=1, source="participant", **more)


def opened(house, row):
    with reading("keyring") as connection:
        openers = diary_openers(connection, house.keys, study=house.study, enrolments=[row.enrolment])
    about = alert_context(house.study, row.enrolment, row.id)
    return read_raised(openers[row.enrolment].unseal(row.sealed, about=about))


def test_an_entry_far_above_what_was_usual_raises_an_alert_once(house):
    ada = house.participant()
    baseline(house, ada, 3)
    entry = evening(house, ada, 5, 8)

    levels = [look(house, entry), look(house, entry)]

    (alert,) = house.rows(SAFETY_ALERTS)
    assert levels == ["high", None]
    assert (alert.enrolment, alert.entry, alert.source, alert.level, alert.holder) == (
        ada,
        entry,
        "history",
        "high",
        None,
    )
    assert opened(house, alert).names == ("worse_than_usual",)
    told = [row for row in house.rows(AUDIT_EVENTS["registry"]) if row.action == "alert:raise"]
    assert [row.detail for row in told] == ['{"level":"high"}']


def test_it_is_found_in_blocks_as_well(house):
    ada = house.participant()
    baseline(house, ada, 3)
    entry = evening(house, ada, 5, 8)
    compact(keys=house.keys, protocol=house.protocol, actor=CUSTODIAN, now=NOW)

    assert look(house, entry) == "high"


@pytest.mark.parametrize(("usual", "pain"), [(3, 6), (None, 8)])
def test_what_does_not_hold_raises_nothing(usual, pain, small_house):
    ada = small_house.participant()
    if usual is not None:
        baseline(small_house, ada, usual)

    assert look(small_house, evening(small_house, ada, 5, pain)) is None


def test_what_somebody_else_wrote_counts_for_nothing(small_house):
    ada, bo = small_house.participant(), small_house.participant()
    baseline(small_house, bo, 1)

    assert look(small_house, evening(small_house, ada, 5, 9)) is None


def test_the_latest_former_answer_counts_and_none_that_came_later(small_house):
    house, ada = small_house, small_house.participant()
    entry = evening(house, ada, 5, 8, received_at=NOW + timedelta(minutes=5))
    house.entry(ada, "baseline", {"pain_usual": 1}, day=6, source="participant", received_at=NOW + timedelta(minutes=1))

    assert look(house, entry) is None


SMALL = (
    HEAD
    + """
alerts:
  up: {on: evening, when: pain - evening.pain >= 3, level: low, title: More than the day before}
  fell: {on: fall, when: hurt == yes and evening.pain >= 5, level: low, title: Hurt after a day in pain}
instruments:
  evening:
    title: Evening
    schedule: {every: 1 day, opens: "17:00", for: 10 hours, grace: 12 hours}
    items: {pain: {ask: How much?, kind: rating, low: None, high: A lot, release: keep}}
  weekly:
    title: Week
    schedule: {every: 7 days, opens: "17:00", for: 10 hours, grace: 12 hours}
    items: {calm: {ask: Were you calm?, kind: yes_no, release: keep}}
  fall:
    title: A fall
    schedule: {on_demand: true, back: 2 days}
    items: {hurt: {ask: Were you hurt?, kind: yes_no, release: keep}}
  smile:
    title: A smile
    schedule: {on_demand: true, back: 2 days}
    items: {long: {ask: A long one?, kind: yes_no, release: keep}}
"""
)


@pytest.fixture
def small(small_house):
    return House(read_protocol(SMALL, name="small.yaml"), small_house.folder)


def test_former_days_go_by_the_day_they_are_about(small):
    ada = small.participant()
    late = small.entry(ada, "evening", {"pain": 2}, day=2, source="participant", received_at=NOW + timedelta(hours=2))
    third = small.entry(ada, "evening", {"pain": 6}, day=3, source="participant", received_at=NOW + timedelta(hours=1))
    small.entry(ada, "evening", {"pain": 9}, day=4, source="participant", received_at=NOW)

    assert look(small, third) == "low"
    assert look(small, late) is None


@pytest.mark.parametrize("source", ["synthetic", "imported"])
def test_what_participants_did_not_write_themselves_raises_nothing(source, small_house):
    ada = small_house.participant()
    baseline(small_house, ada, 3)

    assert look(small_house, small_house.entry(ada, "evening", {"pain_average": 9}, day=5, source=source)) is None


def test_an_entry_that_is_gone_raises_nothing_and_one_without_a_key_comes_again(house):
    ada = house.participant()
    baseline(house, ada, 3)
    entry = evening(house, ada, 5, 8)
    with writing("keyring") as connection:
        connection.execute(WRAPPED_SEEDS.delete())

    with pytest.raises(CannotOpen):
        look(house, entry)
    with writing("registry") as connection:
        bury_alerts(connection, ada, now=NOW)
        erase_entries(connection, ada)

    assert look(house, entry) is None and look(house, uuid4()) is None


def test_intake_asks_custody_to_look_and_tells_no_entry_on_demand_from_another(small):
    ada = small.participant()
    with reading("registry", enrolment=ada) as connection:
        key = public_key(connection, ada, "diary")
    enrolled = Enrolled(ada, "Europe/Berlin", START, key.raw, has_stopped=False)
    sent = {"evening": ({"pain": "5"}, 1), "weekly": ({"calm": "yes"}, 1), "fall": ({"hurt": "no"}, None)}
    sent |= {"smile": ({"long": "yes"}, None)}
    ids = {name: uuid4() for name in sent}

    for name, (answers, occasion) in sent.items():
        submit(
            ids[name],
            enrolled,
            name,
            answers,
            occasion=occasion,
            times=Times("Europe/Berlin"),
            blind=secrets.token_bytes(32),
            protocol=small.protocol,
            signer=Signer(secrets.token_bytes(32)),
            source="participant",
            check_times=False,
            actor=Actor("intake", "participant", str(ada)),
            now=NOW,
        )

    wanted = {row.key for row in small.rows(OUTBOX["registry"]) if row.kind == "alerts"}
    assert wanted == {str(ids[name]) for name in ("evening", "fall", "smile")}
