from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from studyportal.custody.compaction import actions, folding
from studyportal.custody.compaction.actions import compact, try_again
from studyportal.custody.opening.entries import diary_openers, open_block
from studyportal.custody.opening.transport import rewrap
from studyportal.custody.spreading.workers import Workers
from studyportal.database import reading, writing
from studyportal.errors import CannotOpen
from studyportal.keyring.tables import WRAPPED_SEEDS
from studyportal.protocol import commitment_body, read_protocol
from studyportal.protocol.columns import rows
from studyportal.protocol.entry import read_blind
from studyportal.protocol.versions import with_earlier
from studyportal.registry.folding import erase_entries, quarantined
from studyportal.registry.tables import BLOCKS, SEALED_ENTRIES
from studyportal.sealing.signatures import commitment
from tests.custody.cast import CUSTODIAN, NOW, noise


def fold(house, **other):
    return compact(keys=house.keys, protocol=house.protocol, actor=CUSTODIAN, now=NOW, **other)


def reasons(house):
    with reading("registry") as connection:
        return {row.entry: row.reason for row in quarantined(connection)}


def opened(house):
    """Every entry in every block, by id."""
    with reading("keyring") as connection:
        openers = diary_openers(connection, house.keys, study=house.study, enrolments=None)
    found = {}
    for block in house.rows(BLOCKS):
        for batch in open_block(block, openers[block.enrolment], study=house.study):
            found |= {row.entry_id: row for row in rows(batch)}
    return found


def test_folded_entries_are_the_ones_that_receipts_were_given_for(house):
    ada, bo = house.participant(), house.participant()
    sent = {house.baseline(ada), *(house.evening(ada, day) for day in range(1, 6)), house.evening(bo, 1)}

    done = fold(house)

    assert (done.enrolments, done.folded, done.quarantined, done.missed) == (2, 7, 0, 0)
    found = opened(house)
    kept = {row.id: row for row in house.rows(SEALED_ENTRIES)}
    assert found.keys() == kept.keys() == sent
    for id, row in kept.items():
        entry = found[id].entry
        assert commitment(read_blind(entry.blind), commitment_body(entry)) == row.commitment
        assert (row.sealed, row.block) == (None, 1)


def test_folding_again_does_nothing_and_later_entries_join_the_small_block(house):
    ada = house.participant()
    first = house.evening(ada, 1)
    fold(house)

    again, second = fold(house), house.evening(ada, 2)
    later = fold(house)

    assert again == actions.NOTHING and later.folded == 1
    (block,) = house.rows(BLOCKS)
    assert (block.number, block.revision) == (1, 2)
    assert opened(house).keys() == {first, second}


def test_a_large_block_is_left_alone_and_the_next_one_begins(small_house, monkeypatch):
    monkeypatch.setattr(folding, "SMALL", 1)
    ada = small_house.participant()
    small_house.evening(ada, 1)
    fold(small_house)

    small_house.evening(ada, 2)
    fold(small_house)

    assert [(one.number, one.revision) for one in small_house.rows(BLOCKS)] == [(1, 1), (2, 1)]
    assert len(opened(small_house)) == 2


def test_each_way_of_spoiling_an_entry_sets_it_aside_with_its_reason_and_the_others_are_folded(house):
    ada, bo = house.participant(), house.participant()
    good, flipped, altered = (house.evening(ada, day) for day in (1, 2, 3))
    moved, misplaced = (
        house.evening(bo, 4),
        house.entry(ada, "evening", {"diagnosis": "back"}, day=5, as_instrument="baseline"),
    )
    strange = house.entry(ada, "evening", {"favourite_colour": "blue"}, day=6)
    untypable = house.entry(ada, "evening", {"pain_average": 4_000}, day=7)
    sealed = next(row.sealed for row in house.rows(SEALED_ENTRIES) if row.id == flipped)
    house.spoil(flipped, sealed=sealed[:-1] + bytes([sealed[-1] ^ 1]))
    house.spoil(altered, commitment=noise(32))
    house.spoil(moved, enrolment=ada)

    done = fold(house)

    assert reasons(house) == {
        flipped: "cannot_open",
        altered: "altered",
        moved: "cannot_open",
        misplaced: "misplaced",
        strange: "not_in_protocol",
        untypable: "not_in_protocol",
    }
    assert opened(house).keys() == {good}
    assert (done.folded, done.quarantined) == (1, 6)
    assert fold(house) == actions.NOTHING


def test_entries_of_somebody_without_a_key_are_set_aside_not_lost(house):
    ada = house.participant()
    entry = house.evening(ada, 1)
    with writing("keyring") as connection:
        connection.execute(WRAPPED_SEEDS.delete())

    fold(house)

    assert reasons(house) == {entry: "no_key"}
    assert house.rows(SEALED_ENTRIES)[0].sealed is not None


def test_what_was_set_aside_is_folded_once_its_reason_is_mended(house):
    ada = house.participant()
    entry = house.evening(ada, 1)
    with writing("keyring") as connection:
        seeds = connection.execute(sa.select(WRAPPED_SEEDS)).mappings().all()
        connection.execute(sa.delete(WRAPPED_SEEDS))
    fold(house)
    with writing("keyring") as connection:
        connection.execute(sa.insert(WRAPPED_SEEDS), [dict(row) for row in seeds])

    left = fold(house)
    tried = try_again(actor=CUSTODIAN, now=NOW)
    done = fold(house)

    assert (left.folded, tried, done.folded, done.quarantined) == (0, 1, 1, 0)
    assert set(opened(house)) == {entry}
    assert reasons(house) == {}


def test_an_old_key_file_stops_compaction_instead_of_setting_everybody_aside(small_house):
    from studyportal.custody.opening.key_file import Generation, replace_generations

    ada = small_house.participant()
    small_house.evening(ada, 1)
    replace_generations(small_house.key_file, small_house.keys, (Generation.new(),))

    with pytest.raises(CannotOpen):
        fold(small_house)

    assert reasons(small_house) == {} and not small_house.rows(BLOCKS)


def test_an_entry_that_changes_during_folding_is_left_for_the_next_time(small_house, monkeypatch):
    ada = small_house.participant()
    entry = small_house.evening(ada, 1)
    in_memory = actions.carry_out_all

    def slow(*given, **named):
        made = in_memory(*given, **named)
        monkeypatch.setattr(actions, "carry_out_all", in_memory)
        fold(small_house)  # somebody else is faster
        return made

    monkeypatch.setattr(actions, "carry_out_all", slow)

    done = fold(small_house)

    assert (done.folded, done.missed) == (0, 1)
    assert opened(small_house).keys() == {entry}
    assert len(small_house.rows(BLOCKS)) == 1


def test_entries_that_are_erased_during_folding_do_not_come_back_in_a_block(small_house, monkeypatch):
    ada = small_house.participant()
    small_house.evening(ada, 1)
    in_memory = actions.carry_out_all

    def meanwhile_erased(*given, **named):
        with writing("registry") as connection:
            erase_entries(connection, ada)
        return in_memory(*given, **named)

    monkeypatch.setattr(actions, "carry_out_all", meanwhile_erased)

    done = fold(small_house)

    assert (done.folded, done.missed) == (0, 1)
    assert small_house.rows(BLOCKS) == small_house.rows(SEALED_ENTRIES) == []


def test_a_kill_before_the_transaction_ends_leaves_everything_as_it_was(small_house, monkeypatch):
    ada = small_house.participant()
    small_house.evening(ada, 1)

    class Killed(BaseException):
        pass

    def killed(*given, **named):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(actions, "record", killed)
        with pytest.raises(Killed):
            fold(small_house)
    between = small_house.rows(BLOCKS)
    fold(small_house)

    assert between == []
    assert len(opened(small_house)) == 1


def test_seeds_are_put_under_the_kek_once_and_open_the_same_entries(house):
    ada = house.participant()
    entry = house.evening(ada, 1)

    first = rewrap(None, keys=house.keys, study=house.study, actor=CUSTODIAN, now=NOW)
    again = rewrap([ada], keys=house.keys, study=house.study, actor=CUSTODIAN, now=NOW)
    fold(house)

    assert (first.seeds, first.left, again.seeds) == (3, 0, 0)
    assert {row.wrapping for row in house.rows(WRAPPED_SEEDS, "keyring")} == {"kek"}
    assert opened(house).keys() == {entry}


def test_a_spoilt_seed_is_left_and_counted_and_the_others_go_on(house):
    _, bo = house.participant(), house.participant()
    with writing("keyring") as connection:
        spoilt = (WRAPPED_SEEDS.c.enrolment == bo) & (WRAPPED_SEEDS.c.domain == "diary")
        connection.execute(WRAPPED_SEEDS.update().where(spoilt).values(wrapped=noise(1300)))

    done = rewrap(None, keys=house.keys, study=house.study, actor=CUSTODIAN, now=NOW)

    assert (done.seeds, done.left) == (5, 1)


def test_an_evening_written_after_its_window_is_late_and_an_early_clock_cannot_hide_it(small_house):
    ada = small_house.participant()
    in_time, late, lying = (
        small_house.evening(ada, 57, saved_at="2026-03-02T21:00:00+01:00", received_at=NOW + timedelta(days=9)),
        small_house.evening(ada, 56, received_at=NOW),
        small_house.evening(ada, 55, saved_at="2030-01-01T00:00:00Z", received_at=NOW),
    )

    fold(small_house)

    assert {id: row.late for id, row in opened(small_house).items()} == {in_time: False, late: True, lying: True}


def test_processes_fold_what_one_process_folds(small_house, monkeypatch):
    people = [small_house.participant() for _ in range(60)]
    sent = {small_house.evening(one, 1) for one in people}
    spoilt = small_house.evening(people[0], 2)
    small_house.spoil(spoilt, commitment=noise(32))

    monkeypatch.setattr(actions, "WORTHWHILE", 2)
    done = fold(small_house, workers=Workers(2, None))

    assert (done.enrolments, done.folded, done.quarantined) == (60, 60, 1)
    assert opened(small_house).keys() == sent


def amended(protocol, version, *changes):
    """The study in its next version, each change a pair of what stood there and what stands there now."""
    text = protocol.source.replace(f'version: "{protocol.study.version}"', f'version: "{version}"', 1)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return with_earlier(read_protocol(text, name="amended"), [*protocol.earlier.values(), protocol])


def test_entries_of_two_versions_share_a_block_and_keep_their_own_layouts(small_house):
    ada, first = small_house.participant(), small_house.protocol
    old = small_house.entry(ada, "evening", {"pain_average": 1, "stress": True}, day=1)
    fold(small_house)
    start, end = first.source.index("      stress:\n"), first.source.index("      note:\n")
    small_house.protocol = amended(first, "9.1", (first.source[start:end], ""))

    new = small_house.evening(ada, 2)
    done = fold(small_house)

    found = opened(small_house)
    assert (done.folded, done.quarantined) == (1, 0)
    assert len(small_house.rows(BLOCKS)) == 1
    assert {id: row.entry.protocol_version for id, row in found.items()} == {old: first.study.version, new: "9.1"}
    assert found[old].entry.answers == {"pain_average": 1, "stress": True}


def test_an_entry_of_an_unknown_version_is_set_aside_until_the_version_is_known(small_house):
    ada, first = small_house.participant(), small_house.protocol
    small_house.protocol = amended(first, "9.1")
    entry = small_house.evening(ada, 1)
    second, small_house.protocol = small_house.protocol, first

    without = fold(small_house)
    reason = reasons(small_house)
    small_house.protocol = second
    try_again(actor=CUSTODIAN, now=NOW)
    done = fold(small_house)

    assert (without.folded, without.quarantined, reason) == (0, 1, {entry: "unknown_version"})
    assert (done.folded, opened(small_house).keys()) == (1, {entry})


def test_what_is_in_a_block_of_a_version_that_is_not_known_any_more_stays_there(small_house):
    ada, first = small_house.participant(), small_house.protocol
    old = small_house.evening(ada, 1)
    fold(small_house)
    small_house.protocol = read_protocol(amended(first, "9.1").source, name="the former version is lost")

    new = small_house.evening(ada, 2)
    done = fold(small_house)

    assert (done.folded, done.quarantined, len(small_house.rows(BLOCKS))) == (1, 0, 2)
    assert opened(small_house).keys() == {old, new}


def test_whether_an_entry_is_late_is_judged_by_the_schedule_it_was_written_under(small_house):
    ada, bo, first = small_house.participant(), small_house.participant(), small_house.protocol
    sent = {"saved_at": "2026-03-02T21:00:00+01:00", "received_at": NOW + timedelta(days=9)}
    before = small_house.evening(ada, 57, **sent)
    schedule = first.source[first.source.index("  evening:\n") :]
    line = next(line for line in schedule.splitlines() if "schedule:" in line)
    shorter = line.replace("for: 10 hours", "for: 1 hour")
    small_house.protocol = amended(first, "9.1", (line, shorter))
    after = small_house.evening(bo, 57, **sent)

    fold(small_house)

    assert shorter != line
    assert {id: row.late for id, row in opened(small_house).items()} == {before: False, after: True}


def test_an_enrolment_that_is_unknown_is_passed_over(small_house):
    assert fold(small_house, enrolments=[uuid4()]) == actions.NOTHING
