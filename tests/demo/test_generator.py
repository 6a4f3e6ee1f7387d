"""The synthetic people are always the same for a seed, plausible, and know no effect of a dose but expectancy."""

from collections import Counter
from dataclasses import fields
from datetime import UTC, date, datetime
from uuid import uuid4

import numpy as np
import pytest

from studyportal.portal.demo.drawing import Diary
from studyportal.portal.demo.entries import entries_sent, left_at, paused, started_on
from studyportal.portal.demo.generator import (
    EXPECTANCY,
    RATINGS,
    SCHEDULES,
    SHARES,
    WITHDRAWALS,
    dose_days,
    draw_person,
)
from studyportal.portal.demo.places import SITES
from studyportal.portal.demo.scales import MONTHLY, WEEKLY
from studyportal.protocol import SHIPPED, load_protocol
from studyportal.protocol.kinds import KINDS
from studyportal.protocol.schedules import Event, event_windows, occasion

TODAY, NOW = date(2026, 11, 23), datetime(2026, 11, 23, 18, tzinfo=UTC)


def drawn(index, *, seed=1, window=182):
    return draw_person(index, seed=seed, window=window, sites=len(SITES), today=TODAY)


def sent_by(person, *, zone="Europe/London"):
    return entries_sent(person, today=TODAY, zone=zone, now=NOW, new_id=uuid4)


@pytest.fixture(scope="module")
def people():
    return [drawn(index) for index in range(500)]


def same(one, other):
    for field in fields(one):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if isinstance(mine, Diary):
            assert np.array_equal(mine.day, theirs.day) and np.array_equal(mine.minute, theirs.minute)
            assert all(np.array_equal(mine.values[name], theirs.values[name]) for name in mine.values)
        else:
            assert mine == theirs


def test_a_person_of_a_seed_is_always_the_same():
    same(drawn(7), drawn(7))

    assert drawn(7).baseline != drawn(8).baseline or drawn(7).days != drawn(8).days
    assert not np.array_equal(drawn(7, seed=2).evening.day, drawn(7).evening.day)


def test_ratings_stay_on_their_scale_and_the_worst_pain_is_the_worst(people):
    for person in people:
        values = person.evening.values
        assert all(0 <= values[name].min(initial=10) and values[name].max(initial=0) <= 10 for name in RATINGS)
        assert (values["pain_worst"] >= values["pain_average"]).all()
        assert ((values["hours_slept"] >= 0) & (values["hours_slept"] <= 24)).all()


def test_pain_varies_between_and_within_people(people):
    pain = [person.evening.values["pain_average"] for person in people if len(person.evening) >= 30]

    between, within = np.std([series.mean() for series in pain]), np.mean([series.std() for series in pain])

    assert 1.2 < between < 2.2
    assert 1.0 < within < 1.9
    assert 4.5 < np.mean([series.mean() for series in pain]) < 6.0


def test_some_pause_once_for_weeks_that_are_over_and_write_nothing_meanwhile(people):
    paused_once = [person for person in people if person.pause]

    for person in paused_once:
        begins, over = person.pause
        pause = paused(person, started_on(person, TODAY), "Europe/London")
        sent = sent_by(person)
        assert 8 <= begins < begins + 7 <= over <= person.days - 8 and not person.withdrawal
        meanwhile = {one.instrument for one in sent if pause.holds(one.received_at)}
        assert meanwhile <= {told.instrument for told in person.told}
        assert {one.follows for one in sent if one.follows} <= {one.id for one in sent}
    assert 15 <= len(paused_once) <= 50


def test_yesterdays_pain_carries_over(people):
    pairs = []
    for person in people:
        day, pain = person.evening.day, person.evening.values["pain_average"]
        next_day = np.flatnonzero(np.diff(day) == 1)
        if len(day) >= 30:
            centred = pain - pain.mean()
            pairs.append(np.stack([centred[next_day], centred[next_day + 1]]))

    assert 0.2 < np.corrcoef(np.concatenate(pairs, axis=1))[0, 1] < 0.7


def test_mood_and_energy_fall_with_pain_and_rise_with_sleep(people):
    rows = []
    for person in people:
        if len(person.evening) >= 30:
            rows.append(
                np.stack([person.evening.values[name] - person.evening.values[name].mean() for name in RATINGS])
            )
    together = dict(zip(RATINGS, np.corrcoef(np.concatenate(rows, axis=1)), strict=True))
    place = {name: number for number, name in enumerate(RATINGS)}

    assert together["mood"][place["pain_average"]] < -0.25
    assert together["energy"][place["pain_average"]] < -0.2
    assert together["energy"][place["sleep_quality"]] > 0.2


def test_a_dose_day_differs_by_expectancy_alone():
    sure, unsure = [], []
    for index in range(2_500):
        person = drawn(index, window=120)
        if person.schedule in ("fadiman", "every_other", "irregular") and len(person.doses) >= 10:
            day, pain = person.evening.day, person.evening.values["pain_average"]
            taken = np.isin(day, person.doses.day)
            if taken.any() and not taken.all():
                group = (
                    sure
                    if person.baseline["expectancy"] >= 75
                    else unsure
                    if person.baseline["expectancy"] <= 40
                    else None
                )
                if group is not None:
                    group.append(pain[taken].mean() - pain[~taken].mean())

    # Nobody is entirely sure: the built-in half point times what they expect, and nothing for those who expect nothing.
    assert -EXPECTANCY < np.mean(sure) < -0.2
    assert -0.3 < np.mean(unsure) < 0.05
    assert np.mean(sure) < np.mean(unsure)


@pytest.mark.parametrize(
    ("schedule", "gap", "share"), [("fadiman", 3, 0.6), ("stamets", 1, 0.5), ("every_other", 2, 0.6)]
)
def test_days_taken_follow_the_schedules_name(schedule, gap, share):
    rng = np.random.default_rng(1)
    taken = np.concatenate([np.flatnonzero(dose_days(rng, schedule, 70)) + 1_000 * turn for turn in range(50)])

    gaps = Counter(np.diff(taken).tolist())

    assert gaps.most_common(1)[0][0] == gap
    assert gaps[gap] / gaps.total() > share


def test_irregular_days_have_no_cycle_and_none_takes_nothing(people):
    rates = [
        len(person.doses) / person.days for person in people if person.schedule == "irregular" and person.days > 60
    ]

    assert not any(len(person.doses) for person in people if person.schedule == "none")
    assert np.std(rates) > 0.03
    assert set(SCHEDULES) == set(SHARES) == {person.schedule for person in people}


def test_completion_falls_with_study_day(people):
    def completion(first, last):
        due = sum(max(0, min(person.days, last) - first + 1) for person in people)
        return sum(((person.evening.day >= first) & (person.evening.day <= last)).sum() for person in people) / due

    assert 0.78 < completion(1, 28) < 0.93  # diaries average 85 % (Ono 2019)
    assert completion(1, 28) > completion(29, 84) > completion(85, 182)


def test_some_entries_are_late_and_some_answers_left_out(people):
    minutes = np.concatenate([person.evening.minute for person in people])
    left_out = np.concatenate([~person.evening.given["mood"] for person in people])

    assert 0.05 < (minutes >= 27 * 60).mean() < 0.11
    assert minutes.min() >= 17 * 60 and minutes.max() < 38 * 60
    assert 0.01 < left_out.mean() < 0.06


def test_people_leave_in_every_way_and_share_differently(people):
    many = [drawn(index) for index in range(3_000)]

    assert {person.withdrawal for person in many} == set(WITHDRAWALS)
    assert len({person.scopes for person in people}) == 8
    assert all("study" in person.scopes for person in people)
    assert {person.site for person in people} == set(range(len(SITES)))


def test_every_entry_is_what_the_protocol_asks(people):
    protocol = load_protocol(SHIPPED)
    seen = Counter()

    for person in people:
        zone = SITES[person.site].zone
        for sent in sent_by(person, zone=zone):
            asked = protocol.instruments[sent.instrument]
            if seen[sent.instrument] < 300:
                answers = asked.parse(sent.answers, missing=sent.missing, zone=zone)
                wire = {
                    name: value for name, value in answers.to_wire().items() if KINDS[asked.items[name].kind].answered
                }
                assert wire == dict(sent.answers)
                assert dict(answers.missing) == dict(sent.missing)
            seen[sent.instrument] += 1

    assert set(protocol.instruments) - set(seen) <= {"event_assessed"}


def test_weeks_and_months_are_due_as_the_protocol_says():
    protocol = load_protocol(SHIPPED)

    for name, due in (("weekly", WEEKLY), ("monthly", MONTHLY)):
        schedule = protocol.instruments[name].schedule
        assert (due.form, due.first_day, due.every_days, due.every_months) == (
            schedule.form, schedule.first_day, schedule.every_days, schedule.every_months,
        )  # fmt: skip


def test_weeks_months_and_follow_ups_come_within_their_windows(people):
    protocol = load_protocol(SHIPPED)

    for person in people[:100]:
        zone, start = SITES[person.site].zone, started_on(person, TODAY)
        sent = sent_by(person, zone=zone)
        when = {one.id: one.answers["taken"] for one in sent if one.instrument == "dose"}
        for one in sent:
            asked = protocol.instruments[one.instrument]
            if one.instrument in ("weekly", "monthly"):
                due = occasion(asked.schedule, one.occasion, start, zone)
                assert due.opens <= one.received_at < due.grace_ends
                assert one.diary_date == due.diary_date
            if one.follows:
                taken = Event("", datetime.fromisoformat(when[one.follows].partition("[")[0]))
                (window,) = event_windows(asked.schedule, [taken], start=start, zone=zone, now=one.received_at)
                assert window.is_open(one.received_at)


def test_scales_follow_the_days_behind_them(people):
    pairs = []
    for person in people:
        pain = dict(zip(person.evening.day.tolist(), person.evening.values["pain_average"].tolist(), strict=True))
        for day, peg in zip(person.weekly.day.tolist(), person.weekly.values["peg_1"].tolist(), strict=True):
            before = [pain[one] for one in range(day - 7, day) if one in pain]
            if len(before) >= 4:
                pairs.append((np.mean(before), peg))

    assert np.corrcoef(np.array(pairs).T)[0, 1] > 0.7


def test_thoughts_of_death_are_rare_and_there(people):
    answers = np.concatenate([person.monthly.values["phq_9"] for person in people])

    assert 0 < (answers != "0").mean() < 0.10


def test_new_forms_are_few_beside_the_evenings(people):
    count = Counter(one.instrument for person in people for one in sent_by(person))

    assert count["weekly"] + count["monthly"] + count["follow_up"] < 0.2 * count["evening"]
    assert 0.05 < count["follow_up"] / count["dose"] < 0.2
    assert 0 < count["adverse_event"] < len(people)


def test_nobody_writes_in_the_future_or_after_leaving(people):
    for person in people:
        start, zone = started_on(person, TODAY), SITES[person.site].zone
        sent = sent_by(person, zone=zone)
        until = left_at(person, start, zone) or NOW
        assert all(one.received_at <= until <= NOW and one.diary_date >= start for one in sent)
        assert len({(one.instrument, one.occasion) for one in sent if one.occasion}) == sum(
            bool(one.occasion) for one in sent
        )
