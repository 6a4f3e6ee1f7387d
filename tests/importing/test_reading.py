"""A mapping is read strictly against its protocol, all mistakes at once."""

from datetime import date

import pytest

from studyportal.portal.importing.mapping import StartColumn
from studyportal.portal.importing.reading import MappingMistakes, read_mapping
from tests.importing.examples import example_mapping, example_protocol

LABELS = (
    "occasion: {column: tp, labels: {pre: {instrument: acute, study_day: 1}, post: {instrument: acute, study_day: 22}}}"
)


def changed(old, new):
    text = example_mapping()
    assert old in text
    return text.replace(old, new)


def test_the_shipped_example_reads():
    mapping = read_mapping(example_mapping(), name="mapping.yaml", protocol=example_protocol())

    assert len(mapping.scores.items) == 20
    assert mapping.start == date(2018, 9, 6)
    assert mapping.start.strftime("%A") == "Thursday"
    assert set(mapping.named_columns.values()) >= {"participant", "occasion", "answer", "baseline answer"}


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("study: SBM-1", "study: OTHER", "Write SBM-1"),
        ("participant: trial_id\n", "", "whose row it is"),
        ("start: 2018-09-06", "start: 2018-13-06", "year-month-day"),
        ("zone: Etc/UTC", "zone: Nowhere/Land", "time zone is not known"),
        ("scopes: [study, research]", "scopes: [research]", "Nobody can take part without: study"),
        ("scopes: [study, research]", "scopes: [study, selling]", "Write study or research"),
        ("PANAS: panas", "PANAS: panasse", "There is no item panasse"),
        ("condition: condition", "condition: mood", "There is no item mood"),
        ("age: age", "age: panas", "There is no item panas in baseline"),
        ("instrument: baseline", "instrument: acute", "Write baseline"),
        ("set: 3}", "sets: 3}", "must stand in braces"),
        ("{first: 1, ", "{", "`first` from 1"),
        ("1: acute", "0: acute", "whole number from 1"),
        ("w{week}s{set}", "w{set}s{set}", "once"),
        ("zone: Etc/UTC", "zone: Etc/UTC\nzone: Etc/UTC", "used twice"),
        ("zone: Etc/UTC", "zone: Etc/UTC\nnote: x", "not known here"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_is_refused_in_words(old, new, sentence):
    text = changed(old, new)

    with pytest.raises(MappingMistakes) as refusal:
        read_mapping(text, name="mapping.yaml", protocol=example_protocol())

    assert sentence in refusal.value.report()


def test_all_mistakes_come_at_once_with_their_lines():
    text = changed("zone: Etc/UTC", "zone: Nowhere/Land").replace("study: SBM-1", "study: X")

    with pytest.raises(MappingMistakes) as refusal:
        read_mapping(text, name="mapping.yaml", protocol=example_protocol())

    assert [mistake.line for mistake in refusal.value.mistakes] == [3, 7]


@pytest.mark.parametrize(
    "occasion",
    [
        LABELS,
        "occasion: {column: tp, holds: study_day, instrument: acute}",
        "occasion: {column: tp, holds: date, instrument: acute}",
    ],
)
def test_other_ways_of_writing_a_time_point_are_read(occasion):
    head, rest = example_mapping().split("occasion:\n")
    text = head + occasion + "\n\n# One score" + rest.split("# One score", 1)[1]
    text = "\n".join(
        line for line in text.splitlines() if not line.strip().startswith(("WEMWB", "QIDS", "STAIT", "SCS"))
    )

    mapping = read_mapping(text, name="mapping.yaml", protocol=example_protocol())

    assert mapping.occasion == "tp"
    assert mapping.occasions.instruments == {"acute"}


def test_each_participants_own_start_is_read():
    text = changed("start: 2018-09-06", "start: {column: began}")

    mapping = read_mapping(text, name="mapping.yaml", protocol=example_protocol())

    assert mapping.start == StartColumn("began")


@pytest.mark.parametrize(
    "text", ["", "[]", "just words", "\t", "a: &x 1\nb: *x", "%YAML 1.1\n---\na: 1", "a: !!python/object:os.system x"]
)
def test_a_text_that_is_no_mapping_is_refused(text):
    with pytest.raises(MappingMistakes):
        read_mapping(text, name="mapping.yaml", protocol=example_protocol())
