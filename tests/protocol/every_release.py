"""For hypothesis: items of every kind with every treatment it allows, and answers to them as `parse` gives them."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from studyportal.protocol import KINDS, TREATMENTS, Item, Release
from studyportal.protocol.expressions import parse_expression
from studyportal.protocol.kinds import REGIONS
from studyportal.protocol.settling import settled

PAIRS = [(kind.name, treatment) for kind in KINDS.values() for treatment in kind.may_release]

DATES = st.dates(date(1900, 1, 1), date(2199, 12, 31))
ZONES = st.sampled_from(["Europe/Berlin", "America/St_Johns", "Pacific/Kiritimati", "UTC"]).map(ZoneInfo)
SIDES = {"a": "Ach", "b.1": "Bruise", "b.2": "Burn", "B-2": "Big burn"}
MEDICINE = Item(name="class", ask="Which?", kind="choice", release=Release("drop"), choices=SIDES)
ROW = st.fixed_dictionaries({}, optional={"class": st.sampled_from([*SIDES]), "name": st.text("xy", min_size=1)})


def _codes(choices):
    chosen = st.sets(st.sampled_from([*choices]), min_size=1).map(lambda codes: tuple(c for c in choices if c in codes))
    return chosen | st.just(("none",))


WHOLE, FINE = {"minimum": 0, "maximum": 100}, {"minimum": 0, "maximum": 100, "unit": "mg"}

# kind: settings of an item, and its answers.
ITEMS = {
    "rating": ({"low": "None", "high": "Worst", "minimum": 0, "maximum": 10}, st.integers(0, 10)),
    "analogue": ({"low": "None", "high": "Worst"} | WHOLE, st.integers(0, 100)),
    "integer": (WHOLE, st.integers(0, 100)),
    "decimal": (FINE, st.floats(0, 100)),
    "yes_no": ({}, st.booleans()),
    "choice": ({"choices": SIDES}, st.sampled_from([*SIDES])),
    "choices": ({"choices": SIDES, "none": "Nothing"}, _codes(SIDES)),
    "body_map": ({"choices": REGIONS}, _codes(REGIONS)),
    "date": ({}, DATES),
    "time": ({}, st.times().map(lambda clock: time(clock.hour, clock.minute))),
    "date_time": (
        {},
        st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC), allow_imaginary=False)
        .map(lambda moment: moment.replace(second=0, microsecond=0))
        .flatmap(lambda moment: ZONES.map(moment.astimezone)),
    ),
    "duration": ({"minimum": 0, "maximum": 600}, st.integers(0, 600)),
    "text": ({"max_length": 20}, st.text("ab c", min_size=1, max_size=20)),
    "notes": ({"max_length": 20}, st.text("ab\nc", min_size=1, max_size=20)),
    "group": (
        {"items": {"class": MEDICINE}, "at_most": 4},
        st.lists(ROW, min_size=1, max_size=4).map(tuple),
    ),
    "computed": (FINE | {"formula": parse_expression("1 + 1")}, st.floats(0, 100)),
    "score": ({"minimum": 0, "maximum": 27, "score": "PHQ-9"}, st.floats(0, 27)),
    "heading": ({}, st.nothing()),
    "explanation": ({}, st.nothing()),
}


def _edges(item):
    numbers = st.integers(int(item.minimum), int(item.maximum))
    return st.sets(numbers, min_size=2, max_size=6).map(lambda edges: tuple(sorted(edges)))


@st.composite
def _groups(draw, item):
    groups = {}
    for code in item.choices:
        groups.setdefault(draw(st.sampled_from(["one", "two", "three"])), []).append(code)
    return {broad: (draw(st.sampled_from(["", f"Text {broad}"])), codes) for broad, codes in groups.items()}


# What is written for a treatment, by what it takes.
GIVEN = {
    None: lambda item: st.none(),
    "at": lambda item: st.integers(int(item.minimum), int(item.maximum)),
    "edges": _edges,
    "groups": _groups,
    "length": lambda item: st.integers(1, 2),
    "item": lambda item: st.just("class"),
}


@st.composite
def item_of(draw, kind, treatment):
    """An item of this kind, released by this treatment."""
    item = Item(name="it", ask="How much?", kind=kind, release=Release(treatment), **ITEMS[kind][0])
    given = draw(GIVEN[TREATMENTS[treatment].takes](item))
    return replace(item, release=settled(treatment, given, item))


def answers_to(item):
    """Answers to it."""
    return ITEMS[item.kind][1]
