"""A refreshed snapshot is the one that would be made anew, and opens only what has changed."""

import random
from datetime import timedelta

import pytest

from studyportal.custody.publishing import building, marks
from studyportal.custody.publishing.actions import publish
from studyportal.custody.publishing.planning import Former
from studyportal.custody.spreading.workers import ALONE
from studyportal.database import writing
from studyportal.errors import CannotOpen
from studyportal.protocol import read_protocol
from studyportal.registry.tables import BLOCKS
from studyportal.snapshots import parts
from studyportal.snapshots.reading import open_snapshot
from studyportal.snapshots.shelf import ABOUT_PEOPLE
from tests.custody.cast import CUSTODIAN, NOW


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(parts, "PER_PART", 4)
    monkeypatch.setattr(parts, "FEWEST", 2)


def go(house, *, now=NOW, workers=ALONE, shelf=None):
    return publish(
        shelf or house.shelf, keys=house.keys, protocol=house.protocol, exception="demonstration", rng=house.rng,
        workers=workers, actor=CUSTODIAN, now=now,
    )  # fmt: skip


def tables(house, number=None):
    keys = house.keys
    snapshot = open_snapshot(
        house.shelf, study=house.study, number=number, snapshot_key=keys.snapshot, custody_public=keys.public
    )
    return {name: snapshot._whole(name).to_pylist() for name in (*ABOUT_PEOPLE, *snapshot.instruments)}


def test_only_people_with_something_new_are_opened_and_whole_parts_are_taken_over(small_house):
    people = [small_house.participant() for _ in range(12)]
    for person in people:
        small_house.baseline(person)
        small_house.evening(person, 1)
    first = go(small_house)
    small_house.evening(people[0], 2)

    second, third = go(small_house), go(small_house)

    assert (first.built.made, first.built.opened) == (3, 12)
    assert (second.built.taken_over, second.built.made, second.built.opened) == (2, 1, 1)
    assert (third.built.taken_over, third.built.opened, third.rows) == (3, 0, 13)
    assert tables(small_house, 3) == tables(small_house, 2)


def anew(house, monkeypatch):
    """The tables as they would be if nothing could be taken over."""
    with monkeypatch.context() as patch:
        patch.setattr(building, "former_of", lambda last: Former({}))
        done = go(house)
    assert done.built.taken_over == 0
    return tables(house)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_in_between_a_refresh_gives_what_making_it_anew_gives(small_house, seed, monkeypatch):
    chance, day = random.Random(seed), 1
    people = [small_house.participant() for _ in range(11)]
    sent = {person: [small_house.evening(person, 1, pain=chance.randrange(11))] for person in people}
    go(small_house)

    def write(person):
        sent[person].append(small_house.evening(person, day, pain=chance.randrange(11)))

    def amend(person):
        answers = {"pain_average": chance.randrange(11)}
        sent[person].append(
            small_house.entry(person, "evening", answers, day=day, amends=str(chance.choice(sent[person])))
        )

    def dose(person):
        taken = f"2026-01-07T2{chance.randrange(4)}:40+01:00[Europe/Berlin]"
        small_house.entry(person, "dose", {"substance": "lsd", "taken": taken}, day=chance.randrange(1, 4))

    def leave(person):
        people.remove(person)
        small_house.withdrawal(person, chance.choice(["stop", "remove"]), now=NOW + timedelta(days=day))

    def join(person):
        people.append(small_house.participant())
        sent[people[-1]] = [small_house.evening(people[-1], day)]

    def answer_once(person):
        answers = {"diagnosis": "migraine", "age": chance.randrange(20, 80)}
        small_house.entry(person, "baseline", answers, day=day, received_at=NOW + timedelta(days=day))

    for _ in range(3):
        for act in chance.choices((write, amend, dose, leave, join, answer_once), k=5):
            day += 1
            act(chance.choice(people))
        go(small_house)
        refreshed = tables(small_house)

        assert refreshed == anew(small_house, monkeypatch)


def test_a_block_that_was_not_opened_again_may_be_damaged_and_one_that_must_be_may_not(small_house):
    ada, bo = small_house.participant(), small_house.participant()
    small_house.evening(ada, 1)
    small_house.evening(bo, 1)
    go(small_house)
    with writing("registry") as connection:
        sealed = small_house.rows(BLOCKS)[0].sealed
        hers = BLOCKS.update().where(BLOCKS.c.enrolment == ada)
        connection.execute(hers.values(sealed=bytes(len(sealed))))
    untouched = go(small_house)

    with writing("registry") as connection:
        connection.execute(hers.values(revision=2))
    with pytest.raises(CannotOpen):
        go(small_house)

    assert untouched.built.opened == 0


@pytest.mark.parametrize("change", ["document", "code", "database"])
def test_another_document_another_code_or_a_database_put_back_means_making_it_anew(small_house, change, monkeypatch):
    for _ in range(5):
        small_house.evening(small_house.participant(), 1)
    go(small_house)

    if change == "document":
        source = small_house.protocol.source
        small_house.protocol = read_protocol(source.replace("Average pain", "Mean pain", 1), name="amended")
    if change == "code":
        monkeypatch.setattr(marks, "code_digest", lambda: "another")
    if change == "database":
        with writing("registry") as connection:
            connection.execute(BLOCKS.update().values(folded_at=NOW + timedelta(days=1)))

    assert go(small_house).built.opened == 5


def test_a_part_that_was_altered_on_the_shelf_is_not_taken_over(small_house):
    for _ in range(5):
        small_house.evening(small_house.participant(), 1)
    go(small_house)
    file = small_house.shelf / "000001" / "evening.0001.parquet"
    file.write_bytes(file.read_bytes()[:-1] + b"?")

    with pytest.raises(CannotOpen):
        go(small_house)


def test_an_erased_person_counts_as_one_who_left(small_house):
    from studyportal.custody.erasure.actions import carry_through
    from studyportal.custody.publishing.actions import may_publish
    from tests.custody.test_erasure import means

    people = [small_house.participant() for _ in range(5)]
    for person in people:
        small_house.evening(person, 1)
    go(small_house)
    carry_through(small_house.withdrawal(people[0], "erase"), means(small_house))

    month = NOW + timedelta(days=31)
    judged = may_publish(small_house.shelf, keys=small_house.keys, protocol=small_house.protocol, now=month)

    assert (judged.joined, judged.left, judged.may_publish) == (0, 1, False)
