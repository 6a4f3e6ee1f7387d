"""Files with several answers in a cell, reasons in place of answers, months, and items that the protocol works out."""

import pytest

from studyportal.portal.importing.gathering import gather
from studyportal.portal.importing.mistakes import ImportMistakes
from studyportal.portal.importing.occasions import TimePoint
from studyportal.portal.importing.reading import MappingMistakes, read_mapping
from studyportal.portal.importing.rows import read_rows
from studyportal.protocol import read_protocol
from tests.importing.examples import written

STUDY = """
study: {code: OLD-1, title: An earlier study, version: "1.0"}
disclosure: {threshold: 11, rounding: 5}
consent:
  version: "1"
  title: An earlier study
  sections: [{heading: What this is, body: Entries of an earlier study.}]
  scopes:
    study: {ask: I take part., required: true}
    sharing: {ask: Researchers may use my answers., shares: true}
  withdrawal: [stop, remove, erase]
instruments:
  first:
    title: On the day of enrolment
    schedule: {on_enrolment: true, for: 2 days, grace: 5 days}
    items:
      gender:
        ask: Gender
        kind: choice
        choices: {woman: Woman, man: Man}
        missing: [not_said]
        release: drop
  month:
    title: Every month
    schedule: {every: 1 month, from: day 29, opens: "00:00", for: 5 days, grace: 5 days}
    items:
      pain: {ask: Pain, kind: rating, low: None, high: Worst, release: keep}
      ease: {ask: Ease, kind: computed, formula: 10 - pain, minimum: 0, maximum: 10, release: keep}
      line: {ask: On a line, kind: analogue, low: Low, high: High, release: keep}
      effects:
        ask: Unwanted effects
        kind: choices
        choices: {sick: Feeling sick, tired: Tired, other: Other}
        none: None
        release: keep
      lasted: {ask: How long?, kind: duration, maximum: 24 hours, release: keep}
      sites: {ask: Where?, kind: body_map, release: count}
      pills:
        ask: Medicines
        kind: group
        at_most: 3
        items: {kind: {ask: Kind, kind: choice, choices: {one: One, two: Two}}}
        release: {codes_of: kind}
"""
MAPPING = """
study: OLD-1
participant: who
site: {id: OLD, name: An earlier study}
zone: Europe/Berlin
start: 2024-01-02
consent: {scopes: [study, sharing]}
occasion: {column: day, holds: study_day, instrument: month}
columns:
  pain: pain
  line: line
  effects: {item: effects, between: ";", codes: {"1": sick, "2": tired, "0": none}}
  lasted: lasted
  sites: {item: sites, between: "+"}
baseline: {instrument: first, columns: {gender: {item: gender, codes: {F: woman}, missing: {"-9": not_said}}}}
"""
HEADER = "who,day,pain,line,effects,lasted,sites,gender"


def gathered(file, mapping=MAPPING):
    protocol = read_protocol(STUDY, name="study.yaml")
    return gather(read_rows(file), read_mapping(mapping, name="mapping.yaml", protocol=protocol), protocol)


def test_new_kinds_are_placed_and_what_is_computed_is_in_no_cell(tmp_path):
    file = written(tmp_path, "ada,29,4,55,2; 1,7:30,left_jaw+neck,F", header=HEADER)

    (ada,), account = gathered(file)

    month = ada.entries[TimePoint("month", 29)]
    assert (month.answers["effects"], month.answers["sites"]) == (["tired", "sick"], ["left_jaw", "neck"])
    assert dict(account.placed) == {
        "month.pain": 1, "month.line": 1, "month.effects": 1, "month.lasted": 1, "month.sites": 1, "first.gender": 1,
    }  # fmt: skip


def test_the_second_month_of_a_january_begins_in_february(tmp_path):
    # Study day 29 is 30 January; the next occasion is on 29 February 2024, day 59.
    assert gathered(written(tmp_path, "ada,59,4,,,,,F", header=HEADER))

    with pytest.raises(ImportMistakes, match="not due on this study day"):
        gathered(written(tmp_path, "ada,58,4,,,,,F", header=HEADER))


def test_a_reason_is_kept_as_a_reason(tmp_path):
    file = written(tmp_path, "ada,29,4,,,,,-9", "ada,29,4,,,,,-9", header=HEADER)

    (ada,), account = gathered(file)

    first = ada.entries[TimePoint("first", 1)]
    assert (first.answers, first.missing) == ({}, {"gender": "not_said"})
    assert account.placed["first.gender (why not)"] == 1
    assert account.repeated["gender"] == 1


def test_an_answer_beside_a_reason_contradicts_it(tmp_path):
    file = written(tmp_path, "ada,29,4,,,,,-9", "ada,29,4,,,,,F", header=HEADER)

    with pytest.raises(ImportMistakes, match="row 3, column gender: Row 2 says something else"):
        gathered(file)


@pytest.mark.parametrize(
    ("written_so", "instead", "sentence"),
    [
        ("  pain: pain", "  pain: ease", "worked out by the protocol"),
        ("  pain: pain", "  pain: pills", "group of questions"),
        ("  pain: pain", '  pain: {item: pain, between: ";"}', "Only one answer"),
        ("  pain: pain", '  pain: {item: pain, missing: {"-9": not_said}}', "does not offer not_said"),
    ],
)
def test_what_cannot_be_imported_is_said_before_the_file_is_read(written_so, instead, sentence):
    with pytest.raises(MappingMistakes, match="1 mistake") as refusal:
        read_mapping(MAPPING.replace(written_so, instead), name="m.yaml", protocol=read_protocol(STUDY, name="s.yaml"))

    assert sentence in refusal.value.report()
