"""The real file goes through the ordinary path, and what custody counts and research shows is what is in it."""

import csv
from collections import Counter
from datetime import UTC, datetime
from secrets import SystemRandom

import pytest

from studyportal.audit import Actor, verify
from studyportal.custody.opening.key_file import load_keys
from studyportal.custody.publishing.actions import publish
from studyportal.custody.reconcile.actions import reconcile
from studyportal.database import BINDS, reading
from studyportal.errors import Conflict
from studyportal.portal.importing import command
from studyportal.portal.importing.command import run
from studyportal.portal.importing.mistakes import ImportMistakes
from studyportal.portal.inside import inside
from studyportal.portal.rooms import ROOMS
from studyportal.portal.settings import read_settings
from studyportal.protocol import load_protocol
from studyportal.registry.tables import CONSENT_RECORDS, ENROLMENTS, SEALED_ENTRIES
from studyportal.research.cohorts.measures import measures
from studyportal.research.cohorts.tables import table
from studyportal.research.snapshot.shelf import Shelf
from studyportal.snapshots.reading import open_snapshot
from tests.importing.examples import EXAMPLE, PACUTES, row, written
from tests.journeys.house import House
from tests.research.study import Alone

PROTOCOL, MAPPING = EXAMPLE / "protocol.yaml", EXAMPLE / "mapping.yaml"
CUSTODIAN = Actor("custody", "custodian", "a custodian")

needs_file = pytest.mark.skipif(
    not PACUTES.is_file(), reason="pacutes.csv is not in ../shared/data/self-blinding-microdose"
)


def imported(file, instance):
    return run(file, PROTOCOL, MAPPING, instance, check=False)


def rows_of(instance, table):
    with inside("intake", instance), reading("registry") as connection:
        return connection.execute(table.select()).all()


def published_by_a_custodian(instance):
    with inside("custody", instance) as settings:
        keys, protocol = load_keys(settings.key_file), load_protocol(settings.protocol)
        publish(
            settings.shelf, keys=keys, protocol=protocol, exception=None, rng=SystemRandom(), actor=CUSTODIAN,
            now=datetime.now(UTC),
        )  # fmt: skip
        found = reconcile(
            settings.shelf, keys=keys, protocol=protocol, check_receipts=True, actor=CUSTODIAN, now=datetime.now(UTC)
        )
        return found, settings, keys


def in_the_file():
    """(score, value) and the people of each score, read without any code of ours."""
    values, people = {}, {}
    with PACUTES.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            values.setdefault(line["test_name"], Counter())[float(line["value"])] += 1
            people.setdefault(line["test_name"], set()).add(line["trial_id"])
    return values, people


ITEMS = {"CPS": "cps", "ooo": "odd_one_out", "STAIT": "stai_t"}


@needs_file
def test_the_real_file_reaches_custody_and_research_whole(tmp_path, capsys):
    instance = tmp_path / "instance"

    outcome = imported(PACUTES, instance)
    reconciled, settings, keys = published_by_a_custodian(instance)

    assert (outcome.enrolled, outcome.created) == (240, 1_707 + 240)
    assert "15,623 values: 15,623 placed, 0 not placed." in capsys.readouterr().out
    assert (reconciled.participants, reconciled.entries, reconciled.faults) == (240, 1_947, ())
    values, people = in_the_file()
    lines = {(line.instrument, line.item): line for line in reconciled.lines}
    snapshot = open_snapshot(
        settings.shelf, study="SBM-1", number=None, snapshot_key=keys.snapshot, custody_public=keys.public
    )
    for score, expected in values.items():
        item = ITEMS.get(score, score.lower())
        instrument = "acute" if ("acute", item) in lines else "post_acute"
        line = lines[instrument, item]
        shown = Counter(float(value) for value in snapshot.table(instrument)[item].to_pylist() if value is not None)
        assert (line.held.values, line.held.people) == (expected.total(), len(people[score]))
        assert line.shown == line.held
        assert shown == expected
    assert (lines["acute", "panas"].held.values, lines["acute", "panas"].held.people) == (847, 239)


@needs_file
def test_research_shows_protected_counts_and_no_quasi_identifier(tmp_path):
    instance = tmp_path / "instance"
    imported(PACUTES, instance)
    _, settings, keys = published_by_a_custodian(instance)

    snapshot = Shelf(settings.shelf, "SBM-1", keys.snapshot, keys.public, Alone()).opened(None)
    panas = table(snapshot, snapshot.everybody, measures(snapshot.codebook)["acute.panas"])

    people, answers, _ = panas.rows[0].cells
    # 239 people with a noise of at most 18, and 847 answers with one that the cell says.
    assert abs(people.value - 239) <= 20
    assert abs(answers.value - 847) < 2 * answers.margin
    assert {item for item in snapshot.codebook.items if item.startswith("baseline.")} == {
        "baseline.suggestibility",
        "baseline.expectation",
    }


def test_importing_twice_changes_nothing(tmp_path):
    file = written(tmp_path, row("1", "PANAS", "w1s1", "15"), row("2", "QIDS", "w1s2", "9"))
    instance = tmp_path / "instance"
    imported(file, instance)
    before = rows_of(instance, SEALED_ENTRIES)

    second = imported(file, instance)

    assert (second.enrolled, second.known, second.created, second.unchanged) == (0, 2, 0, 4)
    assert rows_of(instance, SEALED_ENTRIES) == before
    assert len(rows_of(instance, CONSENT_RECORDS)) == 2


def test_a_longer_file_adds_what_is_new(tmp_path):
    instance = tmp_path / "instance"
    imported(written(tmp_path, row("1", "PANAS", "w1s1", "15")), instance)

    second = imported(written(tmp_path, row("1", "PANAS", "w1s1", "15"), row("1", "PANAS", "w2s1", "3")), instance)

    assert (second.created, second.unchanged) == (1, 2)


def test_another_answer_for_a_known_entry_is_reported_and_the_first_stays(tmp_path):
    instance = tmp_path / "instance"
    imported(written(tmp_path, row("1", "PANAS", "w1s1", "15")), instance)
    before = rows_of(instance, SEALED_ENTRIES)

    with pytest.raises(Conflict, match=r"1 entries .* \(rows 2\)"):
        imported(written(tmp_path, row("1", "PANAS", "w1s1", "16")), instance)

    assert rows_of(instance, SEALED_ENTRIES) == before


def test_a_wrong_row_at_the_end_leaves_nothing_behind(tmp_path):
    instance = tmp_path / "instance"
    file = written(tmp_path, row("1", "PANAS", "w1s1", "15"), row("2", "PANAS", "w1s1", "400"))

    with pytest.raises(ImportMistakes):
        imported(file, instance)

    assert not instance.exists()


def test_people_of_a_file_are_not_named_in_the_registry(tmp_path):
    instance = tmp_path / "instance"

    imported(written(tmp_path, row("Mustermann-1959", "PANAS", "w1s1", "15")), instance)

    (enrolment,) = rows_of(instance, ENROLMENTS)
    assert enrolment.participant_code.startswith("SBM-")
    assert enrolment.salt is None
    for file in instance.rglob("*"):
        assert not file.is_file() or b"Mustermann" not in file.read_bytes()


def test_the_trail_tells_of_the_import_and_holds(tmp_path):
    instance = tmp_path / "instance"

    imported(written(tmp_path, row("1", "PANAS", "w1s1", "15")), instance)

    with inside("custody", instance):
        for bind in ("registry", "keyring"):
            with reading(bind) as connection:
                verdict = verify(connection, bind)
                assert verdict.whole and verdict.events


def test_an_instance_of_another_study_is_refused(tmp_path):
    instance = tmp_path / "instance"
    file = written(tmp_path, row("1", "PANAS", "w1s1", "15"))
    imported(file, instance)
    other = tmp_path / "protocol.yaml"
    other.write_text(PROTOCOL.read_text().replace('version: "1.0"', 'version: "1.1"'))

    with pytest.raises(Conflict, match="another study"):
        run(file, other, MAPPING, instance, check=False)


def test_checking_alone_writes_nothing(tmp_path):
    instance = tmp_path / "instance"

    run(written(tmp_path, row("1", "PANAS", "w1s1", "15")), PROTOCOL, MAPPING, instance, check=True)

    assert not instance.exists()


def test_the_receipt_of_an_imported_entry_is_intakes_own(tmp_path):
    instance = tmp_path / "instance"
    imported(written(tmp_path, row("1", "PANAS", "w1s1", "15")), instance)

    rows = rows_of(instance, SEALED_ENTRIES)

    assert {(kept.schedule, kept.occasion) for kept in rows} == {("acute", 1), ("baseline", 1)}
    assert all(len(kept.receipt) == 64 for kept in rows)
    assert read_settings("intake", instance).synthetic is False


def test_on_postgresql_it_needs_no_more_than_the_rooms_own_rights(tmp_path, postgresql):
    for role in ("owner", *ROOMS):
        postgresql.run(
            f"DO $$ BEGIN CREATE ROLE studyportal_{role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
    for bind in BINDS:
        postgresql.run(f"DROP DATABASE IF EXISTS studyportal_{bind} WITH (FORCE)")
        postgresql.run(f"CREATE DATABASE studyportal_{bind} OWNER studyportal_owner")
    template = postgresql.url("studyportal_{bind}", user="studyportal_{room}")
    house = House(tmp_path / "instance", database_url=template, document=PROTOCOL.read_text())
    house.run("database", "grants", "--owner-url", template.replace("{room}", "owner"))
    file = written(tmp_path, row("1", "PANAS", "w1s1", "15"), row("2", "QIDS", "w1s2", "9"))

    first, second = imported(file, house.folder), imported(file, house.folder)

    assert (first.enrolled, first.created) == (2, 4)
    assert (second.known, second.unchanged) == (2, 4)
    for bind in BINDS:
        postgresql.drop(f"studyportal_{bind}")


def test_stopped_halfway_the_next_run_goes_on(tmp_path, monkeypatch):
    instance = tmp_path / "instance"
    file = written(tmp_path, *[row(str(person), "PANAS", "w1s1", "15") for person in range(4)])

    def power_fails_after_two(total):
        def say(done):
            if done == 2:
                raise KeyboardInterrupt

        return say

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(command, "_progress", power_fails_after_two)
        imported(file, instance)

    second = imported(file, instance)

    assert (second.enrolled, second.known, second.created, second.unchanged) == (2, 2, 4, 4)
