"""The released view shows what researchers may see of a study, and nothing of what is dropped."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyportal.protocol import SHIPPED, load_protocol, released
from studyportal.protocol.columns import COLUMNS
from studyportal.protocol.expressions import parse_expression
from studyportal.protocol.released import reason_column, released_columns, spread_columns
from tests.protocol.documents import HEAD, study
from tests.protocol.every_release import PAIRS, item_of

ITEMS = """\
age: {ask: How old?, kind: integer, minimum: 18, maximum: 99, unit: years, release: {band: [18, 40]}, quasi_identifier: true}
pain: {ask: How much?, kind: rating, low: None, high: Worst, release: keep}
waited: {ask: How long?, kind: integer, minimum: 0, maximum: 500, unit: minutes, release: {top_code: 60}}
day: {ask: Which day?, kind: date, release: relative_day}
clock: {ask: What time?, kind: time, release: hour}
where: {ask: Where?, kind: choice, choices: {h: Here, t: There}, release: keep}
canary_name: {ask: Canary question?, kind: yes_no, release: drop}
"""
MORE = """\
tired: {ask: How tired?, kind: analogue, low: Wide awake, high: Worn out, release: keep}
slept: {ask: How long did you sleep?, kind: duration, maximum: 16 hours, release: keep, missing: [not_said]}
sites: {ask: Where does it hurt?, kind: choices, choices: {back: Back, R-knee: Right knee}, none: Nowhere, release: keep, missing: {not_said: I keep this to myself}}
worst: {ask: Where most?, kind: choice, choices: {back: Back, knee: Knee}, when: '"back" in sites', release: keep}
secret: {ask: Canary question?, kind: yes_no, release: drop}
old: {ask: Age, kind: integer, minimum: 18, maximum: 99, release: {band: [18, 40]}}
told: {ask: Did you tell?, kind: yes_no, when: secret == yes, release: keep}
young: {ask: Still at school?, kind: yes_no, when: old < 20, release: keep}
both: {ask: Sum, kind: computed, formula: tired * 2, minimum: 0, maximum: 200, release: keep}
hidden: {ask: Other sum, kind: computed, formula: old + 1, minimum: 0, maximum: 200, release: {band: [19, 41]}}
mapped: {ask: Which sort?, kind: choices, choices: {a: Sort A, b: Sort B, c: Sort C}, release: {map: {first: [a, b], rest: {text: The rest, codes: [c]}}}}
pills: {ask: Medicines, kind: group, at_most: 5, items: {class: {ask: What sort of medicine?, kind: choice, choices: {opioid: An opioid, other: Another}}, name: {ask: Canary name?, kind: text, max_length: 30}}, release: {codes_of: class}}
head: {ask: A heading, kind: heading}
"""


def view_of(items=ITEMS):
    return released(study(items))["instruments"]


def test_nothing_is_left_of_a_dropped_question():
    view = json.dumps(released(study(ITEMS)))

    assert "canary" not in view.lower()


def test_an_instrument_of_which_nothing_is_released_is_left_out():
    assert view_of("note: {ask: Note?, kind: notes, max_length: 5, release: drop}") == {}


def test_items_are_shown_as_they_are_released():
    items = view_of()["evening"]["items"]

    shown = {name: (item["kind"], item["column"]) for name, item in items.items()}

    assert shown == {
        "age": ("choice", "string"),
        "pain": ("rating", "int8"),
        "waited": ("integer", "int64"),
        "day": ("integer", "int32"),
        "clock": ("integer", "int8"),
        "where": ("choice", "string"),
    }
    assert (items["age"]["choices"], items["age"]["bins"]) == (
        {"18-39": "18-39", "40 and over": "40 and over"}, [18, 40],
    )  # fmt: skip
    assert (items["age"]["quasi_identifier"], items["pain"]["quasi_identifier"]) == (True, False)
    assert (items["pain"]["low"], items["pain"]["minimum"], items["pain"]["maximum"]) == ("None", 0, 10)
    assert (items["waited"]["maximum"], items["waited"]["unit"]) == (60, "minutes")
    assert items["where"]["choices"] == {"h": "Here", "t": "There"}
    assert (items["day"]["unit"], items["clock"]["maximum"]) == ("study day", 23)


def test_the_limits_of_a_banded_answer_are_not_shown():
    age = view_of()["evening"]["items"]["age"]

    assert "minimum" not in age
    assert "99" not in json.dumps(age)


def test_the_view_of_the_shipped_study_is_json_and_without_dates_or_free_text():
    protocol = load_protocol(SHIPPED)

    view = json.loads(json.dumps(released(protocol)))

    kinds = {item["kind"] for part in view["instruments"].values() for item in part["items"].values()}
    assert kinds == {"rating", "integer", "decimal", "yes_no", "choice"}
    assert view["study"] == {"code": "MCP-1", "title": "Microdosing and chronic pain", "version": "1.0"}
    assert view["disclosure"] == {
        "threshold": 10, "rounding": 5, "noise": 5, "ledger": 50, "ledger_of_all": 150, "release": 11,
    }  # fmt: skip
    assert view["instruments"]["evening"]["schedule"]["every_days"] == 1


def test_a_set_of_codes_is_one_yes_or_no_for_each_code():
    items = view_of(MORE)["evening"]["items"]

    shown = {name: (one["ask"], one["kind"], one["column"]) for name, one in items.items() if "code" in one}
    assert shown == {
        "sites__back": ("Where does it hurt? Back", "yes_no", "bool"),
        "sites__r_knee": ("Where does it hurt? Right knee", "yes_no", "bool"),
        "mapped__first": ("Which sort? First", "yes_no", "bool"),
        "mapped__rest": ("Which sort? The rest", "yes_no", "bool"),
        "pills__opioid": ("Medicines: An opioid", "yes_no", "bool"),
        "pills__other": ("Medicines: Another", "yes_no", "bool"),
    }
    assert (items["sites__r_knee"]["code"], items["sites__r_knee"]["question"]) == ("R-knee", "Where does it hurt?")


def test_research_meets_known_kinds_only():
    items = view_of(MORE)["evening"]["items"]

    kinds = {name: one["kind"] for name, one in items.items()}
    assert set(kinds.values()) == {"integer", "decimal", "yes_no", "choice"}
    assert (kinds["tired"], kinds["slept"], kinds["both"]) == ("integer", "integer", "decimal")
    assert (items["tired"]["minimum"], items["tired"]["maximum"], items["tired"]["high"]) == (0, 100, "Worn out")
    assert (items["slept"]["unit"], items["slept"]["maximum"]) == ("minutes", 960)


def test_why_there_is_no_answer_is_a_choice_of_its_reasons():
    items = view_of(MORE)["evening"]["items"]

    reasons = items["sites__missing"]

    assert (reasons["kind"], reasons["column"], reasons["choices"]) == (
        "choice", "string", {"not_said": "I keep this to myself"},
    )  # fmt: skip
    assert reasons["ask"] == "Where does it hurt? Why there is no answer"
    assert items["slept__missing"]["choices"].keys() == {"not_said"}


def test_a_condition_is_told_only_if_it_names_nothing_but_what_is_kept():
    items = view_of(MORE)["evening"]["items"]

    told = {name: one["asked_when"] for name, one in items.items() if "asked_when" in one}
    assert told == {"worst": "“Where does it hurt?” includes “Back”"}
    assert items["both"]["formula"] == "“How tired?” × 2"
    assert "formula" not in items["hidden"]
    assert "canary" not in json.dumps(items).lower()
    assert "secret" not in json.dumps(items)


def test_a_score_explains_itself_without_the_questions_it_is_made_of():
    never = 'kind: choice, release: drop, choices: {"0": Never, "1": Some days, "2": Most days, "3": Daily}'
    document = (
        f"low: {{ask: Canary low?, {never}}}\nlittle: {{ask: Canary little?, {never}}}\n"
        "phq: {ask: Low mood, kind: score, score: PHQ-2, of: [low, little], release: keep}\n"
    )

    view = view_of(document)["evening"]["items"]

    assert set(view) == {"phq"}
    assert (view["phq"]["kind"], view["phq"]["minimum"], view["phq"]["maximum"]) == ("decimal", 0, 6)
    assert view["phq"]["cutoffs"][1] == [3, "screens positive for depression"]
    assert "Kroenke" in view["phq"]["source"]
    assert "canary" not in json.dumps(view).lower()


@settings(deadline=None)
@given(st.lists(st.text("aB.-+_1", min_size=1, max_size=5), unique=True, max_size=8))
def test_columns_of_codes_have_names_of_their_own_that_an_expression_can_use(codes):
    columns = spread_columns("sites", [*codes, "Missing", "missing"])

    assert list(columns.values()) == [*codes, "Missing", "missing"]
    assert reason_column("sites") not in columns
    for name in columns:
        assert parse_expression(f"baseline.{name} == yes").names == {f"baseline.{name}"}


@pytest.mark.parametrize(("kind", "treatment"), PAIRS)
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_every_released_column_can_be_explained(kind, treatment, data):
    item = data.draw(item_of(kind, treatment))

    columns = released_columns(replace(item, missing={"not_said": "Not said"}), name="other")

    assert (columns == {}) == (treatment == "drop")
    for name, view in columns.items():
        assert name.startswith("other")
        assert view["kind"] in {"rating", "integer", "decimal", "yes_no", "choice"}
        assert view["column"] in COLUMNS
        assert view["ask"] and view["treated"]
        assert (view["kind"] == "choice") == ("choices" in view)


def test_the_history_of_a_column_does_not_name_one_that_is_dropped():
    before = "canary: {ask: How much?, kind: integer, minimum: 0, maximum: 9, release: drop}"
    after = "pain: {ask: How bad?, kind: rating, low: None, high: Worst, release: keep, was: canary}"
    old, new = study(before), study(after, head=HEAD.replace('"1.10"', '"1.11"'))

    view = released(replace(new, earlier={"1.10": old}))

    assert view["instruments"]["evening"]["items"]["pain"]["history"]
    assert "canary" not in json.dumps(view)
