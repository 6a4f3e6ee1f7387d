"""An entry is kept once, sealed, with a receipt that proves it; what may not come is refused and leaves nothing."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import current_app

from studyportal import audit
from studyportal.audit import Actor
from studyportal.database import reading
from studyportal.errors import CannotOpen, Conflict, Gone, Invalid, NotFound, TooLarge
from studyportal.intake.diary.submission import submit
from studyportal.registry.tables import SEALED_ENTRIES
from studyportal.sealing import ON_DEMAND_SIZE
from studyportal.web.answering.times import Times
from tests.intake.conftest import NOW, ZONE

EVENING = {"pain_average": "4", "flare": "no"}
DOSE = {"substance": "lsd", "taken": "2026-03-02T20:10", "pain_before": 5}


def send(study, enrolled, instrument="evening", answers=None, *, id=None, blind=b"b" * 32, now=NOW, **rest):
    times = rest.pop("times", Times(ZONE))
    return submit(
        id or uuid4(),
        enrolled,
        instrument,
        (EVENING if instrument == "evening" else DOSE) if answers is None else answers,
        occasion=rest.pop("occasion", None),
        times=times,
        blind=blind,
        protocol=study.protocol,
        signer=study.signer,
        source=rest.pop("source", "participant"),
        check_times=rest.pop("check_times", True),
        actor=Actor("intake", "participant", str(enrolled.enrolment)),
        now=now,
    )


def rows(enrolled=None):
    with reading("registry", enrolment=enrolled and enrolled.enrolment) as connection:
        return connection.execute(sa.select(SEALED_ENTRIES)).all()


@pytest.fixture
def participant(study):
    return study.enrolled(study.participant())


def test_an_entry_is_kept_sealed_with_a_receipt_that_verifies(study, participant):
    kept = send(study, participant)

    (row,) = rows(participant)
    kept.receipt.verify(public=study.signer.public)
    assert kept.created
    assert (row.schedule, row.occasion, row.received_at) == ("evening", 1, NOW)
    assert b"pain" not in row.sealed
    assert row.receipt == kept.receipt.signature
    with reading("registry") as connection:
        assert audit.verify(connection, "registry")


def test_the_same_entry_again_gets_the_same_receipt(study, participant):
    id = uuid4()
    first = send(study, participant, id=id)

    again = send(study, participant, id=id, now=NOW + timedelta(minutes=1))

    assert not again.created
    assert again.receipt == first.receipt
    assert again.receipt.to_json() == first.receipt.to_json()
    assert len(rows(participant)) == 1


@pytest.mark.parametrize("later", [timedelta(days=3), timedelta(days=300)])
def test_a_retry_after_the_window_still_gets_its_receipt(study, participant, later):
    id, saved = uuid4(), Times(ZONE, saved_at=NOW)
    first = send(study, participant, id=id, times=saved)

    again = send(study, participant, id=id, times=saved, now=NOW + later)

    assert again.receipt == first.receipt


def test_a_retry_after_leaving_still_gets_its_receipt(study, participant):
    id = uuid4()
    first = send(study, participant, id=id)
    left = type(participant)(
        participant.enrolment, participant.zone, participant.started_on, participant.public_key, has_stopped=True
    )

    assert send(study, left, id=id).receipt == first.receipt
    with pytest.raises(Gone):
        send(study, left, "dose")


def test_other_answers_under_the_same_id_are_refused(study, participant):
    id = uuid4()
    first = send(study, participant, "dose", id=id)

    with pytest.raises(Conflict):
        send(study, participant, "dose", DOSE | {"pain_before": 6}, id=id)
    with pytest.raises(Conflict):
        send(study, participant, "dose", id=id, blind=b"c" * 32)

    assert [row.commitment for row in rows(participant)] == [first.receipt.commitment]


def test_somebody_elses_id_is_refused_like_a_taken_one(study, participant):
    id, other = uuid4(), study.enrolled(study.participant())
    send(study, participant, "dose", id=id)

    with pytest.raises(Conflict) as refused:
        send(study, other, "dose", id=id)

    assert str(participant.enrolment) not in refused.value.sentence
    assert rows(other) == [] or {row.enrolment for row in rows(other)} == {participant.enrolment}


def test_one_evening_has_one_entry(study, participant):
    send(study, participant)

    with pytest.raises(Conflict):
        send(study, participant, id=uuid4())

    assert len(rows(participant)) == 1


def test_on_demand_entries_look_alike(study, participant):
    send(study, participant, "dose")
    send(study, participant, "dose", DOSE | {"substance": "other", "own_words": "x" * 200})

    found = rows(participant)
    assert {(row.schedule, row.occasion) for row in found} == {("on_demand", None)}
    assert len({len(row.sealed) for row in found}) == 1
    assert all(len(row.sealed) > ON_DEMAND_SIZE for row in found)


def test_eight_clients_send_150_entries_each_several_times_and_there_are_150_rows_with_one_receipt_each(
    study, participant
):
    app = current_app._get_current_object()
    entries = [(uuid4(), secrets.token_bytes(32)) for _ in range(150)]

    def client(number):
        order = entries[number * 18 :] + entries[: number * 18]
        with app.app_context():
            return [(id, send(study, participant, "dose", id=id, blind=blind)) for id, blind in order]

    with ThreadPoolExecutor(8) as clients:
        answers = [answer for found in clients.map(client, range(8)) for answer in found]

    receipts = {}
    for id, kept in answers:
        receipts.setdefault(id, set()).add(kept.receipt.to_json())
    assert len(answers) == 8 * 150
    assert len(rows(participant)) == 150
    assert sum(kept.created for _, kept in answers) == 150
    assert all(len(found) == 1 for found in receipts.values())
    with reading("registry") as connection:
        assert audit.verify(connection, "registry")


@pytest.mark.parametrize(
    ("instrument", "answers", "field"),
    [
        ("evening", {}, "pain_average"),
        ("evening", {"pain_average": "11"}, "pain_average"),
        ("evening", {"pain_average": "4", "colour": "red"}, "colour"),
        ("evening", {"pain_average": "4", "note": "x" * 1001}, "note"),
        ("dose", DOSE | {"taken": "2026-03-03T07:00"}, "taken"),
        ("dose", DOSE | {"taken": "2026-02-27T07:00"}, "taken"),
        ("evening", ["pain_average"], "answers"),
    ],
)
def test_answers_that_cannot_be_taken_are_named_and_nothing_is_kept(study, participant, instrument, answers, field):
    with pytest.raises(Invalid) as refused:
        send(study, participant, instrument, answers)

    assert field in refused.value.problems
    assert rows(participant) == []


@pytest.mark.parametrize(
    ("times", "field"),
    [
        (Times(ZONE, saved_at=NOW + timedelta(minutes=6)), "saved_at"),
        (Times(ZONE, event_at=NOW + timedelta(minutes=6)), "event_at"),
        (Times(ZONE, saved_at=NOW - timedelta(days=15)), "saved_at"),
        (Times(ZONE, event_at=NOW - timedelta(days=4)), "event_at"),
    ],
)
def test_times_that_do_not_fit_are_named(study, times, field):
    enrolled = study.enrolled(study.participant(now=NOW - timedelta(days=30)))

    with pytest.raises(Invalid) as refused:
        send(study, enrolled, "dose", times=times)

    assert field in refused.value.problems


def test_a_clock_that_is_a_little_ahead_is_no_reason_to_refuse(study, participant):
    assert send(study, participant, times=Times(ZONE, saved_at=NOW + timedelta(minutes=4))).created


@pytest.mark.parametrize("hours", [-4, 19])
def test_outside_its_window_and_grace_an_entry_is_refused(study, participant, hours):
    with pytest.raises(Invalid) as refused:
        send(study, participant, occasion=1, now=NOW + timedelta(hours=hours))

    assert "Evening diary" in refused.value.sentence


def test_an_entry_saved_in_time_may_arrive_a_week_later(study, participant):
    kept = send(study, participant, times=Times(ZONE, saved_at=NOW), now=NOW + timedelta(days=7))

    assert kept.created
    assert rows(participant)[0].occasion == 1


def test_an_import_has_no_window(study, participant):
    kept = send(study, participant, occasion=3, check_times=False, source="imported", now=NOW + timedelta(days=900))

    assert kept.created


def test_an_instrument_or_an_occasion_that_does_not_exist_is_not_found(study, participant):
    with pytest.raises(NotFound):
        send(study, participant, "nightly", {})
    with pytest.raises(NotFound):
        send(study, participant, occasion=366)


def test_nothing_is_taken_before_consent(study):
    with pytest.raises(Gone):
        send(study, study.enrolled(study.claim()))


def test_an_unknown_zone_is_refused(study, participant):
    with pytest.raises(Invalid):
        send(study, participant, times=Times("Mars/Olympus"))


def test_a_receipt_of_another_key_or_with_another_word_does_not_verify(study, participant):
    receipt = send(study, participant).receipt

    with pytest.raises(CannotOpen):
        receipt.verify(public=study.custodian.public)
    with pytest.raises(CannotOpen):
        type(receipt)(
            receipt.study, receipt.enrolment, uuid4(), receipt.received_at, receipt.commitment, receipt.signature
        ).verify(public=study.signer.public)


def test_what_does_not_fit_the_one_size_of_on_demand_entries_is_refused(study, participant, monkeypatch):
    monkeypatch.setattr("studyportal.registry.entry_seals.ON_DEMAND_SIZE", 256)

    with pytest.raises(TooLarge):
        send(study, participant, "dose")

    assert rows(participant) == []
