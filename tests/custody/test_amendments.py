"""A study over three versions, from entries to the shelf: columns go on, or begin anew, as the comparison promised."""

import pytest

from studyportal.custody.compaction.actions import compact
from studyportal.custody.publishing.actions import publish
from studyportal.custody.reconcile.actions import reconcile
from studyportal.custody.reconcile.counting import Count
from studyportal.errors import Invalid, NotFound
from studyportal.protocol import load_protocol, read_protocol
from studyportal.protocol.amendments import compare
from studyportal.protocol.versions import with_earlier
from studyportal.snapshots.reading import open_snapshot
from tests.custody.cast import CUSTODIAN, NOW
from tests.protocol.documents import EVERY_EVENING, HEAD

BASELINE = """\
  baseline:
    title: Baseline
    schedule: {once: day 1, opens: "00:00", for: 14 days, grace: 30 days}
    items:
      age: {ask: How old are you?, kind: integer, minimum: 18, maximum: 99, release: RELEASE}
"""
EVENING = {
    "pain": "{ask: Pain?, kind: rating, low: None, high: Worst, missing: [not_said], release: keep}",
    "hours": "{ask: Hours slept?, kind: decimal, minimum: 0, maximum: 24, unit: hours, release: keep}",
    "steps": "{ask: Steps?, kind: integer, minimum: 0, maximum: 9000, release: keep}",
    "where": "{ask: Where?, kind: choice, choices: {h: Home, w: Work}, release: keep}",
    "helped": "{ask: What helped?, kind: choices, choices: {rest: Rest, walk: A walk}, none: Nothing, release: keep}",
    "flare": "{ask: A flare?, kind: yes_no, release: keep}",
}
# Compatible: other words, a wider limit, more choices, a tighter release; a question that ends, one that begins.
SECOND = {
    "pain": "{ask: How much pain?, kind: rating, low: None, high: Worst, release: keep}",
    "steps": "{ask: Steps?, kind: integer, minimum: 0, maximum: 99000, release: {top_code: 5000}}",
    "where": "{ask: Where?, kind: choice, choices: {h: Home, w: Work, o: Outdoors}, release: keep}",
    "calm": "{ask: Calm?, kind: yes_no, release: keep}",
}
# Breaking: another unit. Mapped: another name, another kind of number, other codes.
THIRD = {
    "hours": "{ask: Minutes slept?, kind: decimal, minimum: 0, maximum: 1440, unit: minutes, release: keep}",
    "walked": "{ask: Steps?, kind: decimal, minimum: 0, maximum: 99000, was: steps, release: {top_code: 5000}}",
    "where": "{ask: Where?, kind: choice, choices: {i: Indoors, o: Outdoors}, recode: {h: i, w: i}, release: keep}",
    "helped": (
        "{ask: What helped?, kind: choices, choices: {rest: Rest, move: Moving}, none: Nothing, recode: {walk: move}, "
        "release: keep}"
    ),
}


def document(number, items, release):
    head = HEAD.replace('"1.10"', f'"{number}"')
    asked = "".join(f"      {name}: {written}\n" for name, written in items.items())
    evening = f"  evening:\n    title: Evening\n    schedule: {EVERY_EVENING}\n    items:\n{asked}"
    return f"{head}instruments:\n{BASELINE.replace('RELEASE', release)}{evening}"


def without(items, *names):
    return {name: written for name, written in items.items() if name not in names}


ONE = document("1.0", EVENING, "{band: [18, 40, 60]}")
TWO = document("1.1", without(EVENING, "flare") | SECOND, "{band: [18, 60]}")
THREE = document("1.2", without(EVENING, "flare", "steps") | without(SECOND, "steps") | THIRD, "{band: [18, 60]}")


@pytest.fixture
def study(tmp_path):
    """What a room reads after each amendment, by version."""
    file, beside = tmp_path / "protocol.yaml", tmp_path / "protocol.earlier"
    beside.mkdir()
    found, before = {}, None
    for number, text in (("1.0", ONE), ("1.1", TWO), ("1.2", THREE)):
        if before:
            (beside / f"{before}.yaml").write_text(file.read_text())
        file.write_text(text)
        found[number], before = load_protocol(file), number
    return found


def lived(house, study):
    """Two people who write under one version after another."""
    house.protocol = study["1.0"]
    ada, bo = house.participant(), house.participant()
    house.entry(ada, "baseline", {"age": 44})
    house.entry(
        ada,
        "evening",
        {"pain": 3, "hours": 7.5, "steps": 8000, "where": "w", "helped": ["rest", "walk"], "flare": True},
        day=1,
    )
    house.entry(bo, "evening", {"hours": 6.0, "helped": ["none"]}, day=1, missing={"pain": "not_said"})
    compact(keys=house.keys, protocol=house.protocol, actor=CUSTODIAN, now=NOW)
    house.protocol = study["1.1"]
    house.entry(ada, "evening", {"pain": 4, "hours": 8.0, "steps": 40, "where": "o", "calm": True}, day=2)
    house.protocol = study["1.2"]
    house.entry(ada, "evening", {"pain": 5, "hours": 400.0, "walked": 20.5, "where": "i", "helped": ["move"]}, day=3)
    return ada


def published(house, *, exception=None):
    common = {"keys": house.keys, "protocol": house.protocol, "actor": CUSTODIAN, "now": NOW}
    publish(house.shelf, exception=exception, rng=house.rng, **common)
    keys = house.keys
    return open_snapshot(
        house.shelf, study=house.study, number=None, snapshot_key=keys.snapshot, custody_public=keys.public
    )


def test_the_comparison_says_beforehand_what_will_become_of_the_columns(study):
    second, third = compare(study["1.0"], study["1.1"]), compare(study["1.1"], study["1.2"])

    places = {change.place.rpartition(".")[2]: change.verdict for change in third if change.verdict != "compatible"}
    assert {change.verdict for change in second} == {"compatible"}
    assert places == {"hours": "breaking", "walked": "mapped", "where": "mapped", "helped": "mapped"}


def test_columns_go_on_over_compatible_versions_and_begin_anew_at_a_break(small_house, study):
    lived(small_house, study)

    shown = published(small_house)

    table = shown.table("evening")
    rows = sorted(table.to_pylist(), key=lambda row: (row["study_day"], row["pain"] is None))

    def column(name):
        return [row[name] for row in rows]

    assert column("study_day") == [1, 1, 2, 3]
    assert column("pain") == [3, None, 4, 5]
    assert column("pain__missing") == [None, "not_said", None, None]
    assert column("hours") == [7.5, 6.0, 8.0, None]
    assert column("hours__since_1_2") == [None, None, None, 400.0]
    assert column("steps") == [5000.0, None, 40.0, 20.5]
    assert column("where") == ["i", None, "o", "i"]
    assert column("helped__rest") == [True, False, None, False]
    assert column("helped__move") == [True, False, None, True]
    assert column("flare") == [True, None, None, None]
    assert column("calm") == [None, None, True, None]
    assert "walked" not in table.column_names and "helped__walk" not in table.column_names


def test_an_amendment_that_tightens_a_release_applies_to_older_answers_too(small_house, study):
    lived(small_house, study)

    shown = published(small_house)

    ages = {row["baseline__age"] for row in shown.subjects.to_pylist()}
    assert ages == {"18-59", None}


def test_the_snapshot_says_where_a_column_began_and_ended(small_house, study):
    lived(small_house, study)

    items = published(small_house).protocol["instruments"]["evening"]["items"]

    assert "in place of hours: another unit" in items["hours__since_1_2"]["history"][0]
    assert items["hours"]["history"] == ["Asked until version 1.1; hours__since_1_2 is asked in its place."]
    assert items["hours"]["unit"] == "hours" and items["hours__since_1_2"]["unit"] == "minutes"
    assert items["flare"]["history"] == ["Asked until version 1.0."]
    assert items["calm"]["history"] == ["Asked since version 1.1."]


def test_what_was_published_before_an_amendment_is_published_under_the_same_names_and_values_after_it(
    small_house, study
):
    small_house.protocol = study["1.0"]
    ada = small_house.participant()
    for day in (1, 2, 3):
        answers = {"pain": day, "hours": day / 2, "steps": day, "helped": ["rest"], "flare": day == 2}
        small_house.entry(ada, "evening", answers, day=day)
    before = published(small_house).table("evening")

    for number in ("1.1", "1.2"):
        small_house.protocol = study[number]
        after = published(small_house, exception="demonstration").table("evening")

        for name in ("index", "study_day", "week", "late", "pain", "pain__missing", "hours", "helped__rest", "flare"):
            assert after[name].to_pylist() == before[name].to_pylist()


def test_every_answer_of_every_version_is_counted(small_house, study):
    lived(small_house, study)
    published(small_house)

    found = reconcile(
        small_house.shelf,
        keys=small_house.keys,
        protocol=small_house.protocol,
        check_receipts=True,
        actor=CUSTODIAN,
        now=NOW,
    )

    counts = {(line.instrument, line.item): (line.held, line.shown) for line in found.lines}
    assert found.faults == ()
    assert counts["evening", "hours"] == (Count(3, 2), Count(3, 2))
    assert counts["evening", "hours__since_1_2"] == (Count(1, 1), Count(1, 1))
    assert counts["evening", "helped"] == (Count(3, 2), Count(3, 2))
    assert counts["baseline", "age"] == (Count(1, 1), Count(1, 1))


def test_entries_of_a_version_that_is_lost_stop_the_publication_and_are_counted_as_a_fault(small_house, study):
    lived(small_house, study)
    published(small_house)
    small_house.protocol = with_earlier(read_protocol(THREE, name="without 1.1"), [study["1.0"]])

    with pytest.raises(NotFound):
        common = {"keys": small_house.keys, "protocol": small_house.protocol, "actor": CUSTODIAN, "now": NOW}
        publish(small_house.shelf, exception="demonstration", rng=small_house.rng, **common)
    found = reconcile(small_house.shelf, check_receipts=False, **common)

    assert found.faults == ("Folded entries of versions of the study document that are not known here: 1.",)


def test_an_item_that_has_another_kind_than_its_version_says_stops_the_publication(small_house, study):
    lived(small_house, study)
    published(small_house)
    changed = read_protocol(ONE.replace(EVENING["flare"], EVENING["pain"]), name="changed by hand")
    small_house.protocol = with_earlier(read_protocol(THREE, name="now"), [changed, study["1.1"]])

    with pytest.raises(Invalid):
        common = {"keys": small_house.keys, "protocol": small_house.protocol, "actor": CUSTODIAN, "now": NOW}
        publish(small_house.shelf, exception="demonstration", rng=small_house.rng, **common)
