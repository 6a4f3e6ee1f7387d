"""The JSON Schema describes the documents that are read: it comes from the same tables."""

import copy
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from studyportal.protocol import KINDS, SHIPPED, TREATMENTS
from studyportal.protocol.reading import protocol_schema
from studyportal.protocol.reading.consent import CHECK, CONSENT, SCOPE, SECTION
from studyportal.protocol.reading.document import DISCLOSURE, INSTRUMENT, NOTICES, PROTOCOL, STUDY
from studyportal.protocol.reading.items import ITEM, ROW_ITEM
from studyportal.protocol.reading.safety import ALERT, CONTACT, INELIGIBILITY, MONITORING
from studyportal.protocol.reading.schedules import SCHEDULES
from tests.protocol.documents import EVERY_KIND, document

SCHEMA = protocol_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
ROOT = Path(__file__).parents[2]
DOCUMENTS = {
    "shipped": SHIPPED.read_text(),
    "two languages": (ROOT / "docs" / "examples" / "two-languages" / "protocol.yaml").read_text(),
    "self-blinding": (ROOT / "docs" / "examples" / "self-blinding" / "protocol.yaml").read_text(),
    "every kind": document(EVERY_KIND),
}
TABLES = [
    PROTOCOL, STUDY, NOTICES, DISCLOSURE, CONSENT, SECTION, CHECK, SCOPE, INSTRUMENT, ITEM, ROW_ITEM, ALERT, INELIGIBILITY,
    CONTACT, MONITORING, *SCHEDULES.values(),
]  # fmt: skip


def parsed(text: str) -> object:
    return named(YAML(typ="safe", pure=True).load(text))


def named(value: object) -> object:
    """The same with names that are texts, as JSON has them and as editors take them."""
    if isinstance(value, dict):
        return {str(name): named(inner) for name, inner in value.items()}
    return [named(inner) for inner in value] if isinstance(value, list) else value


def complaints(value: object) -> list[str]:
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in VALIDATOR.iter_errors(value)]


def descriptions(schema: object) -> dict[str, set[str]]:
    """Every name that has properties somewhere in the schema, with what is said of it."""
    found: dict[str, set[str]] = {}
    if isinstance(schema, dict):
        for name, value in (schema.get("properties") or {}).items():
            if isinstance(value, dict) and "description" in value:
                found.setdefault(name, set()).add(value["description"])
        schema = list(schema.values())
    for inner in schema if isinstance(schema, list) else ():
        for name, said in descriptions(inner).items():
            found.setdefault(name, set()).update(said)
    return found


def test_it_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)

    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_document_that_is_a_study_fits_it(text):
    assert complaints(parsed(text)) == []


@pytest.mark.parametrize("table", TABLES)
def test_every_name_of_the_tables_is_in_it_with_a_sentence(table):
    said = descriptions(SCHEMA)

    for name, field in table.items():
        assert field.meaning in said[name]
        assert field.meaning.endswith(".")


def test_every_kind_and_treatment_is_in_it():
    properties = SCHEMA["$defs"]["question"]["properties"]

    assert properties["kind"]["enum"] == [*KINDS]
    named = {name for form in SCHEMA["$defs"]["release"]["anyOf"] for name in form.get("enum", form.get("properties"))}
    assert named == set(TREATMENTS)


GOOD = parsed(document())


def changed(path: str, value: object) -> object:
    """The good document with one value put in place of another, or added; None takes it away."""
    copied = copy.deepcopy(GOOD)
    *way, last = path.split(".")
    part = copied
    for name in way:
        part = part[name]
    if value is None:
        del part[last]
    else:
        part[last] = value
    return copied


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("colour", "blue"),
        ("study.colour", "blue"),
        ("instruments.evening.colour", "blue"),
        ("instruments.evening.items.calm.relase", "keep"),
        ("instruments.evening.items.Calm", {"ask": "Calm?", "kind": "yes_no", "release": "keep"}),
        ("instruments.evening.items.not", {"ask": "Calm?", "kind": "yes_no", "release": "keep"}),
        ("instruments.evening.items.a__b", {"ask": "Calm?", "kind": "yes_no", "release": "keep"}),
        ("instruments.evening.items.calm.kind", "slider"),
        ("instruments.evening.items.calm.ask", ["Calm?"]),
        ("instruments.evening.items.calm.release", "vanish"),
        ("instruments.evening.items.calm.release", "relative_day"),
        ("instruments.evening.items.calm.release", {"band": [1]}),
        ("instruments.evening.items.calm.release", None),
        ("instruments.evening.items.calm.kind", "choice"),
        ("instruments.evening.items.calm.minimum", 3),
        ("instruments.evening.items.calm.missing", ["whatever"]),
        ("instruments.evening.items.calm.required", "yes"),
        ("instruments.evening.items", {}),
        ("instruments.evening.schedule", "daily"),
        ("instruments.evening.schedule", {"on_demand": False, "back": "2 days"}),
        ("instruments.evening.schedule.opens", "5pm"),
        ("instruments.evening.by", "nurse"),
        ("disclosure.threshold", 5),
        ("disclosure.threshold", "eleven"),
        ("consent.withdrawal", ["burn"]),
        ("consent.scopes", None),
        ("contacts", {"XX": [{"name": "Line", "phone": "123"}]}),
        ("monitoring", {"zone": "UTC", "hours": {"someday": "09:00-17:00"}}),
        ("alerts", {"high": {"on": "evening", "when": "calm == yes", "level": "extreme", "title": "Calm"}}),
        ("languages", ["english"]),
    ],
)
def test_unknown_names_and_wrong_values_do_not_fit_it(path, value):
    assert complaints(changed(path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("instruments.evening.title", {"en": "Evening", "de": "Abend"}),
        ("instruments.evening.schedule", {"every": "1 month", "from": "day 29", "opens": "00:00", "for": "7 days", "grace": "7 days"}),
        ("instruments.evening.schedule", {"after": "dose", "delay": "4 hours", "for": "8 hours", "grace": "12 hours"}),
        ("instruments.evening.items.calm.missing", {"not_said": "I keep that to myself"}),
        ("monitoring", "nobody"),
    ],
)  # fmt: skip
def test_each_of_several_ways_to_write_something_fits_it(path, value):
    assert complaints(changed(path, value)) == []
