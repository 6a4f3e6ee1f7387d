"""The synthetic people are always the same for a seed, plausible, and know no effect of a dose but expectancy."""

from collections import Counter
from dataclasses import fields
from datetime import UTC, date, datetime

import numpy as np
import pytest

from studyportal.portal.demo.entries import entries_sent, left_at, started_on
from studyportal.portal.demo.generator import (
    EXPECTANCY,
    RATINGS,
    SCHEDULES,
    SHARES,
    WITHDRAWALS,
    Diary,
    dose_days,
    draw_person,
)
from studyportal.portal.demo.places import SITES
from studyportal.protocol import SHIPPED, load_protocol

TODAY, NOW = date(2026, 11, 23), datetime(2026, 11, 23, 18, tzinfo=UTC)


def drawn(index, *, seed=1, window=182):
    return draw_person(index, seed=seed, window=window, sites=len(SITES), today=TODAY)


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
    assert len({person.scopes for person in people}) == 4
    assert all("study" in person.scopes for person in people)
    assert {person.site for person in people} == set(range(len(SITES)))


def test_every_entry_is_what_the_protocol_asks(people):
    protocol = load_protocol(SHIPPED)

    for person in people[:60]:
        zone = SITES[person.site].zone
        for sent in entries_sent(person, today=TODAY, zone=zone, now=NOW):
            answers = protocol.instruments[sent.instrument].parse(sent.answers)
            assert answers.to_wire() == dict(sent.answers)


def test_nobody_writes_in_the_future_or_after_leaving(people):
    for person in people:
        start, zone = started_on(person, TODAY), SITES[person.site].zone
        sent = entries_sent(person, today=TODAY, zone=zone, now=NOW)
        until = left_at(person, start, zone) or NOW
        assert all(one.received_at <= until <= NOW and one.diary_date >= start for one in sent)
        assert len({(one.instrument, one.occasion) for one in sent if one.occasion}) == sum(
            bool(one.occasion) for one in sent
        )
