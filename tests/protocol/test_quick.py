"""The quick way in says exactly what the careful way says, for any instrument and whatever is sent."""

import json
import random
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyportal.protocol import KINDS, InvalidAnswers
from studyportal.protocol.expressions import parse_expression
from tests.protocol.every_kind import INSTRUMENT, SENT

# Conditions that hang on one or two items each, of many kinds.
CONDITIONS = [
    parse_expression(text)
    for text in (
        "rating > 5", "yes_no", "not yes_no", 'choice in ["yes", "012"]', '"rest" in choices', 'text == "a"',
        "decimal * 2 >= 1 or yes_no", "duration < 60 and rating >= 3", 'time > "12:00"', 'date < "2026-01-01"',
        "count(body_map) > 2", "count(group) > 1", "computed > 10", "integer / decimal > 1", 'text != "a"',
    )
]  # fmt: skip
FORMULAS = [
    parse_expression(text)
    for text in (
        "rating + duration / 10", "count(choices, body_map, group)", "minutes_between(time, time)", "integer / decimal",
        "-decimal", "max(rating, phq_1) * 7", "count(yes_no, rating > 3)",
    )
]  # fmt: skip
# No condition hangs on these, or on what is worked out from them: there are no circles.
BRANCHABLE = ["phq_2", "notes", "date_time", "analogue"]

blanks = st.sampled_from([None, "", "  ", []])
wrong = (
    st.integers(-5, 110) | st.floats() | st.text(max_size=5) | st.booleans() | st.lists(st.text(max_size=4), max_size=2)
    | st.sampled_from(
        [10**30, -0.0, 7.0, "7", " 7 ", "yes", "none", ["none", "rest"], {"a": 1}, [[]], [{}], "2026-02-30", "\ud800",
         "2999-01-01", " x", "x ", "\tx\n", "x\x7f", "x\x85", "e\u0301", "x\r\ny", "21:40 ", "24:00", "2026-03-29T02:30"]
    )
)  # fmt: skip


@st.composite
def instruments(draw):
    """Instruments with some of the items of every kind, in any order, some needed, some asked only now and then."""
    names = draw(st.lists(st.sampled_from(list(INSTRUMENT.items)), unique=True, min_size=1, max_size=8))
    conditions = {
        name: draw(st.sampled_from(CONDITIONS)) for name in names if name in BRANCHABLE and draw(st.booleans())
    }
    hung_on = {name for condition in conditions.values() for name in condition.names}
    items = {}
    for name in [*names, *sorted(hung_on - {*names})]:
        change = {"required": draw(st.booleans()), "missing": draw(st.sampled_from([{}, {"not_said": "No"}]))}
        if name == "computed":
            change["formula"] = draw(st.sampled_from(FORMULAS))
        items[name] = replace(INSTRUMENT.items[name], when=conditions.get(name), **change)
    if not {"phq_1", "phq_2"} <= items.keys():
        items.pop("score", None)
    return replace(INSTRUMENT, items=items)


good = st.fixed_dictionaries(
    {},
    optional={name: SENT[name] for name in INSTRUMENT.items if name in SENT} | {"phq_1": st.integers(0, 3)},
)
edges = wrong | blanks | st.sampled_from(["a", " a", "a ", "\u00e4", " \u00e4 ", "x" * 41, "x" * 81, " " + "x" * 80])


@st.composite
def sent(draw, instrument):
    """Answers, most of them good, some of them not."""
    asked = [item for item in instrument.items.values() if KINDS[item.kind].answered]
    given = {item.name for item in asked if draw(st.integers(0, 9)) < (9 if item.required else 5)}
    raw = {item.name: draw(SENT[item.kind]) for item in asked if item.name in given}
    changed = draw(st.lists(st.sampled_from([*instrument.items, "shoe_size"]), max_size=2))
    return raw | {name: draw(edges) for name in changed}


spellings = st.sampled_from([{"ensure_ascii": False}, {}, {"separators": (",", ":")}, {"indent": 1}])
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"])
reasons = st.sampled_from([{}, {}, {"rating": "not_said"}, {"phq_1": "not_applicable"}, {"rating": ""}])


def outcome(parse, *about, **more):
    try:
        found = parse(*about, **more)
    except InvalidAnswers as refusal:
        return refusal.problems
    written = json.dumps(found.to_wire(), sort_keys=True)  # tells 1 from 1.0, and 0.0 from -0.0
    return written, dict(found.missing), list(found), bool(found), dict(found)


def agree(instrument, data, **more):
    careful = outcome(instrument.parse, json.loads(data), **more)
    assert outcome(instrument.parse_json, data, **more) == careful
    return careful


@given(st.data(), instruments(), spellings, reasons, zones, st.none() | st.dates(date(1990, 1, 1), date(2190, 1, 1)))
@settings(max_examples=2000, deadline=None)
def test_any_answers_to_any_instrument_come_out_alike(draws, instrument, spelling, missing, zone, latest):
    raw = draws.draw(sent(instrument))
    data = json.dumps(raw, **spelling).encode("utf-8", "surrogatepass")
    try:
        data.decode()
    except UnicodeDecodeError:  # half a character can be sent only with a backslash
        data = json.dumps(raw).encode()

    agree(instrument, data, missing=missing, zone=zone, latest=latest)


@given(good, spellings)
@settings(deadline=None)
def test_good_answers_take_the_quick_way(raw, spelling):
    plain = replace(INSTRUMENT, items={name: item for name, item in INSTRUMENT.items.items() if name != "score"})
    data = json.dumps(raw, **spelling).encode()

    found = plain.door.read(data, "Europe/Berlin", None)

    if found is None:  # it may: no answer at all, and what the clocks left out
        assert not isinstance(outcome(plain.parse, raw, zone="Europe/Berlin"), tuple) or not any(raw.values())


@pytest.mark.parametrize(
    "data",
    [
        b'{"rating":7,"rating":9}',
        b'{"rating":99,"rating":9}',
        b'{"rating":9,"rating":99}',
        b'{"decimal":-0.0}',
        b'{"decimal":-0}',
        b'{"decimal":1e-400}',
        b'{"decimal":24.000000000000000001}',
        b'{"rating":7.0}',
        b'{"rating":7e0}',
        b'{"rating":-0}',
        b'{"rating":true}',
        b'{"decimal":NaN}',
        b'{"decimal":1e999}',
        b'{"integer":1' + b"0" * 400 + b"}",
        b'{"notes":"\\ud83d\\ude00"}',
        b'{"notes":"\\ud83d"}',
        b'{"notes":"a\x7fb"}',
        b'{"notes":"a\\u0000b"}',
        b'{"notes":"e\xcc\x81"}',
        b'{"notes":" x "}',
        b'{"notes":"\\n"}',
        b'{"text":"a\\nb"}',
        b'{"notes":"' + b"x" * 81 + b'"}',
        b'{"notes":"' + b"x" * 80 + b' "}',
        b'{"f0":1}',
        b'{"self":1}',
        b'{"about":null,"computed":"","score":null}',
        b'{"computed":1}',
        b' { "rating" : 7 } ',
        b"null",
        b"[]",
        b"{}",
    ],
)
def test_every_spelling_of_json_comes_out_alike(data):
    agree(INSTRUMENT, data)


@pytest.mark.parametrize(
    "data", [b"", b"{", b'{"rating":7}}', b'{"notes":"\xff"}', b"\xef\xbb\xbf{}", b'{"notes":"a\nb"}', b"[" * 100_000,
             b'{"a":' * 100_000, '{"rating":7}'.encode("utf-16"), b'{"rating":' + b"9" * 5000 + b"}"]
)  # fmt: skip
def test_what_is_no_json_is_refused_without_a_crash(data):
    with pytest.raises(InvalidAnswers) as refusal:
        INSTRUMENT.parse_json(data)

    assert refusal.value.problems.keys() <= {"answers", "rating"}


TEXT = INSTRUMENT.items["text"]
AFTER = replace(INSTRUMENT.items["rating"], when=parse_expression('text != "a"'))


@pytest.mark.parametrize("after", [AFTER, replace(AFTER, required=True)])
@pytest.mark.parametrize("raw", [{}, {"rating": 3}, {"rating": None}])
@pytest.mark.parametrize("text", ["a", " a", "b ", " ", "\u00e4", None])
def test_a_branch_sees_a_text_without_the_spaces_around_it(after, raw, text):
    instrument = replace(INSTRUMENT, items={"text": TEXT, "rating": after})

    agree(instrument, json.dumps(raw | {"text": text}).encode())


@pytest.mark.parametrize("raw", [{"rating": 6}, {"rating": 5}, {"rating": 6, "decimal": 1.5}, {}])
def test_what_is_worked_out_may_have_a_branch(raw):
    computed = replace(INSTRUMENT.items["computed"], formula=FORMULAS[-1], when=CONDITIONS[0])
    items = {name: INSTRUMENT.items[name] for name in ("rating", "decimal", "yes_no")} | {"computed": computed}

    agree(replace(INSTRUMENT, items=items), json.dumps(raw).encode())


@pytest.mark.parametrize("data", [b"{}", b'{"rating":null}', b'{"rating":""}', b'{"rating":3}'])
def test_a_required_question_needs_an_answer_either_way(data):
    item = replace(INSTRUMENT.items["rating"], required=True)

    agree(replace(INSTRUMENT, items={"rating": item, "yes_no": INSTRUMENT.items["yes_no"]}), data)


def test_items_may_be_called_what_the_language_underneath_keeps_for_itself():
    names = ["class", "lambda", "get", "f1", "f0", "self", "import"]
    items = {name: replace(INSTRUMENT.items["rating"], name=name) for name in names}
    instrument = replace(INSTRUMENT, items=items)
    raw = {name: number for number, name in enumerate(names)}

    found = instrument.parse_json(json.dumps(raw).encode())

    assert found.to_wire() == raw
    assert dict(instrument.parse(raw)) == raw


def test_limits_that_a_float_cannot_tell_apart_are_checked_the_careful_way():
    item = replace(INSTRUMENT.items["decimal"], maximum=2**53)
    instrument = replace(INSTRUMENT, items={"decimal": item})

    assert agree(instrument, b'{"decimal":9007199254740993}').keys() == {"decimal"}
    assert agree(instrument, b'{"decimal":9007199254740992}')[0] == '{"decimal": 9007199254740992.0}'


def test_many_shuffled_items_are_all_found():
    items = {
        f"item_{number}": replace(INSTRUMENT.items["rating"], name=f"item_{number}", required=True)
        for number in range(300)
    }
    names = list(items)
    random.Random(1).shuffle(names)

    found = replace(INSTRUMENT, items=items).parse_json(json.dumps(dict.fromkeys(names, 3)).encode())

    assert list(found) == list(items)


def test_a_date_after_today_is_left_to_the_careful_way():
    assert agree(INSTRUMENT, b'{"date":"2026-03-31"}', latest=date(2026, 3, 30)) == {
        "date": "This date is in the future."
    }
