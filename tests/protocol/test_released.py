"""The released view shows what researchers may see of a study, and nothing of what is dropped."""

import json

from studyportal.protocol import SHIPPED, load_protocol, released
from tests.protocol.documents import study

ITEMS = """\
age: {ask: How old?, kind: integer, minimum: 18, maximum: 99, unit: years, release: {band: [18, 40]}, quasi_identifier: true}
pain: {ask: How much?, kind: rating, low: None, high: Worst, release: keep}
waited: {ask: How long?, kind: integer, minimum: 0, maximum: 500, unit: minutes, release: {top_code: 60}}
day: {ask: Which day?, kind: date, release: relative_day}
clock: {ask: What time?, kind: time, release: hour}
where: {ask: Where?, kind: choice, choices: {h: Here, t: There}, release: keep}
canary_name: {ask: Canary question?, kind: yes_no, release: drop}
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
    assert view["disclosure"] == {"threshold": 11, "rounding": 5}
    assert view["instruments"]["evening"]["schedule"]["every_days"] == 1
