import pytest

from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.custody.compaction.actions import compact
from studyportal.custody.publishing.actions import publish
from studyportal.custody.publishing.sharing import renew_withdrawals
from studyportal.custody.reconcile.actions import reconcile
from studyportal.custody.reconcile.counting import Count
from studyportal.database import writing
from studyportal.keyring.tables import PUBLICATIONS
from studyportal.registry.tables import BLOCKS, SEALED_ENTRIES
from tests.custody.cast import CUSTODIAN, NOW, noise


def look(house, *, check_receipts=True):
    common = {"keys": house.keys, "protocol": house.protocol, "actor": CUSTODIAN, "now": NOW}
    return reconcile(house.shelf, check_receipts=check_receipts, **common)


def fold(house):
    compact(keys=house.keys, protocol=house.protocol, actor=CUSTODIAN, now=NOW)


def line(found, instrument, item):
    return next(one for one in found.lines if (one.instrument, one.item) == (instrument, item))


def test_who_opens_everything_to_count_it_is_told_to_the_trail(house):
    look(house, check_receipts=False)

    (told,) = [row for row in house.rows(AUDIT_EVENTS["keyring"], "keyring") if row.action == "data:count"]
    assert (told.actor_id, told.object_id, told.at) == (CUSTODIAN.id, house.study, NOW)


def test_values_and_people_are_counted_exactly_in_blocks_alone_and_in_the_snapshot(house):
    ada, bo = house.participant(), house.participant(scopes=("study",))
    for day in (1, 2, 3):
        house.evening(ada, day)
    house.evening(bo, 1)
    house.baseline(ada)
    publish(
        house.shelf, keys=house.keys, protocol=house.protocol, exception=None, rng=house.rng, actor=CUSTODIAN, now=NOW
    )
    house.evening(bo, 2)

    found = look(house)

    assert (found.participants, found.entries, found.folded, found.fresh) == (2, 6, 5, 1)
    pain, note, age = (
        line(found, *place) for place in (("evening", "pain_average"), ("evening", "note"), ("baseline", "age"))
    )
    assert (pain.held, pain.shown) == (Count(5, 2), Count(3, 1))
    assert (note.held, note.shown) == (Count(5, 2), None)
    assert (age.held, age.shown) == (Count(1, 1), Count(1, 1))
    assert found.faults == () and found.quarantined == {}


def test_without_a_snapshot_only_what_is_held_is_counted(small_house):
    small_house.evening(small_house.participant(), 1)

    found = look(small_house)

    assert found.snapshot is None
    assert line(found, "evening", "pain_average").held == Count(1, 1)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda: BLOCKS.update().values(revision=9), "do not open"),
        (lambda: SEALED_ENTRIES.delete(), "not among the registry"),
        (lambda: BLOCKS.delete(), "in no block that opens"),
    ],
)
def test_what_is_lost_or_too_much_is_told(small_house, spoil, sentence):
    small_house.evening(small_house.participant(), 1)
    fold(small_house)

    with writing("registry") as connection:
        connection.execute(spoil())

    assert any(sentence in fault for fault in look(small_house).faults)


def test_an_entry_that_is_not_what_its_receipt_says_is_told_when_receipts_are_checked(small_house):
    entry = small_house.evening(small_house.participant(), 1)
    fold(small_house)
    small_house.spoil(entry, commitment=noise(32))

    quick, thorough = look(small_house, check_receipts=False), look(small_house)

    assert quick.faults == ()
    assert "receipts were given for: 1" in thorough.faults[0]


def test_what_is_set_aside_is_counted_by_its_reason(small_house):
    ada = small_house.participant()
    entry = small_house.evening(ada, 1)
    small_house.evening(ada, 2)
    small_house.spoil(entry, commitment=noise(32))
    fold(small_house)

    found = look(small_house)

    assert found.quarantined == {"altered": 1}
    assert found.faults == ("Entries set aside: 1.",)
    assert line(found, "evening", "pain_average").held == Count(1, 1)


def published_with_one_who_left(house):
    ada, bo = house.participant(), house.participant()
    house.evening(ada, 1)
    house.evening(bo, 1)
    publish(
        house.shelf, keys=house.keys, protocol=house.protocol, exception=None, rng=house.rng, actor=CUSTODIAN, now=NOW
    )
    before = (house.shelf / "withdrawals.json").read_bytes()
    house.withdrawal(ada, "remove")
    renew_withdrawals(house.shelf, keys=house.keys, protocol=house.protocol, now=NOW)
    return before


def test_a_list_of_withdrawals_put_back_to_an_earlier_state_is_noticed(small_house):
    before = published_with_one_who_left(small_house)
    well = look(small_house).faults

    (small_house.shelf / "withdrawals.json").write_bytes(before)

    assert well == ()
    assert look(small_house).faults == (
        "Subjects who do not share any more, but are not on the list of withdrawals: 1.",
    )


def test_a_missing_snapshot_is_noticed(small_house):
    published_with_one_who_left(small_house)

    (small_house.shelf / "000001").rename(small_house.shelf / "elsewhere")

    assert look(small_house).faults == ("Snapshots that are missing from the shelf: 1.",)


def test_another_snapshot_under_the_same_number_is_noticed(small_house):
    published_with_one_who_left(small_house)
    with writing("keyring") as connection:
        connection.execute(PUBLICATIONS.update().values(manifest_sha256=noise(32)))

    assert look(small_house).faults == ("Snapshots that are not the ones published: 1.",)
