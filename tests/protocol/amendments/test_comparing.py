"""What a change of the study means for answers given before, item by item."""

from dataclasses import fields, replace
from datetime import time

import pytest

from studyportal.protocol import ConsentForm, Duration, Item, Schedule
from studyportal.protocol.amendments import VERDICTS, compare
from studyportal.protocol.amendments.comparing import INSTRUMENT, SCHEDULE
from studyportal.protocol.amendments.rules import RULES
from studyportal.protocol.document import CheckQuestion, Instrument, Protocol
from studyportal.protocol.expressions import parse_expression
from tests.protocol.amendments.versions import EVENING, PLAIN, chain, item, version


def changes(old, new):
    """Verdicts and sentences of what changes between two sets of items."""
    olds = old if isinstance(old, tuple) else (old,)
    news = new if isinstance(new, tuple) else (new,)
    return [(change.verdict, change.sentence) for change in compare(version("1.0", *olds), version("1.1", *news))]


def verdicts(old, new):
    return [verdict for verdict, _ in changes(old, new)]


def test_every_attribute_of_an_item_an_instrument_and_a_schedule_has_its_rule():
    assert set(RULES) == {field.name for field in fields(Item)}
    assert set(SCHEDULE) == {field.name for field in fields(Schedule)}
    assert set(INSTRUMENT) | {"name", "schedule", "items"} == {field.name for field in fields(Instrument) if field.init}


BANDS = {"choices": {"a": "Apple", "b": "Pear"}}
GROUP = {"items": {"name": item("name", "choice")}, "at_most": 3}


@pytest.mark.parametrize(
    ("old", "new", "verdict", "said"),
    [
        (item("x"), item("x", ask="Other?"), "compatible", "worded differently"),
        (item("x"), item("x", hint="Look"), "compatible", "hint"),
        (item("x"), item("x", required=True), "compatible", "needs an answer"),
        (item("x"), item("x", when=parse_expression("x > 1")), "compatible", "other cases"),
        (item("x"), item("x", missing={"not_said": "No"}), "compatible", "reasons"),
        (item("x"), item("x", quasi_identifier=True), "compatible", "small groups"),
        (item("x"), item("x", carry_over=True), "compatible", "taken over"),
        (item("x"), item("x", release="drop"), "compatible", "never released"),
        (item("x", release="drop"), item("x"), "compatible", "told when they agreed"),
        (item("x"), item("x", low="None"), "breaking", "low end"),
        (item("x"), item("x", high="Unbearable"), "breaking", "high end"),
        (item("x"), item("x", "yes_no"), "breaking", "kind was rating"),
        (item("x", "integer"), item("x", "integer", maximum=20), "compatible", "10 and is 20"),
        (item("x", "integer"), item("x", "integer", maximum=9), "breaking", "could not be given now"),
        (item("x", "integer"), item("x", "integer", minimum=-1), "compatible", "0 and is -1"),
        (item("x", "integer"), item("x", "integer", minimum=1), "breaking", "could not be given now"),
        (item("x", "integer"), item("x", "integer", unit="minutes"), "breaking", "hours and is minutes"),
        (item("x", "integer"), item("x", "decimal"), "mapped", "written as the new kind"),
        (item("x", "decimal"), item("x", "integer"), "breaking", "kind was decimal"),
        (item("x", "notes"), item("x", "notes", max_length=40), "compatible", "40 characters"),
        (item("x", "choice"), item("x", "choice", choices={"a": "Apple", "b": "Pear", "c": "C"}), "compatible", "c can be"),
        (item("x", "choice"), item("x", "choice", choices={"a": "Apples", "b": "Pear"}), "compatible", "worded"),
        (item("x", "choice"), item("x", "choice", choices={"a": "Apple"}), "breaking", "b cannot be"),
        (item("x", "choices"), item("x", "choices", none="None of them"), "compatible", "excludes all others is new"),
        (item("x", "choices", none="None"), item("x", "choices"), "breaking", "cannot be answered any more"),
        (item("x", "group", **GROUP), item("x", "group", **GROUP | {"at_most": 4}), "compatible", "4 times"),
        (item("x", "group", **GROUP), item("x", "group", **GROUP | {"at_most": 2}), "breaking", "2 times"),
        (
            item("x", "group", **GROUP),
            item("x", "group", **GROUP | {"items": {"name": item("name", "choice", choices={**BANDS["choices"], "c": "C"})}}),
            "compatible",
            "In name: c can be",
        ),
        (
            item("x", "group", **GROUP),
            item("x", "group", **GROUP | {"items": {"name": item("name", "choice", choices={"a": "Apple"})}}),
            "breaking",
            "In name: b cannot be",
        ),
        (
            item("x", "group", **GROUP),
            item("x", "group", **GROUP | {"items": {"other": item("other", "choice")}}),
            "breaking",
            "Other questions",
        ),
        (item("x", "score", score="PHQ-2"), item("x", "score", score="GAD-2"), "breaking", "another score"),
    ],
)  # fmt: skip
def test_a_change_of_one_attribute_is_judged_by_its_rule(old, new, verdict, said):
    found = changes(old, new)

    assert [one for one, _ in found] == [verdict]
    assert said in found[0][1]


def test_an_item_renamed_goes_on_and_its_stale_was_has_no_more_effect():
    first, second = item("x"), item("y", was="x")
    old = chain((first,), (second,))

    renamed = compare(version("1.0", first), version("1.1", second))
    again = compare(old, version("1.2", second, item("x", "yes_no")))

    assert [change.verdict for change in renamed] == ["mapped"]
    assert [(change.place, change.verdict) for change in again] == [("instruments.evening.items.x", "compatible")]
    assert "x__since_1_2" in again[0].sentence


def test_codes_recoded_are_mapped_and_recode_must_speak_of_codes_that_there_were():
    old = item("x", "choice", choices={"a": "Apple", "b": "Pear"})

    renamed = verdicts(old, item("x", "choice", choices={"a": "Apple", "c": "Cherry"}, recode={"b": "c"}))
    merged = verdicts(old, item("x", "choice", choices={"a": "Fruit"}, recode={"b": "a"}))
    unknown = verdicts(old, item("x", "choice", choices={"a": "Apple", "b": "Pear"}, recode={"z": "a"}))
    nowhere = verdicts(old, item("x", "choice", choices={"a": "Apple"}, recode={"b": "c"}))

    assert (set(renamed), set(merged)) == ({"mapped"}, {"compatible", "mapped"})
    assert "refused" in unknown and "breaking" in nowhere


@pytest.mark.parametrize(
    "items",
    [
        (item("y", was="z"),),
        (item("x"), item("y", was="x")),
        (item("y", was="x"), item("z", was="x")),
    ],
)
def test_a_name_before_that_nobody_had_or_somebody_keeps_is_refused(items):
    assert "refused" in verdicts(item("x"), items)


def test_two_items_may_swap_their_names():
    old = (item("x"), item("y", "yes_no"))

    found = verdicts(old, (item("y", was="x"), item("x", "yes_no", was="y")))

    assert found == ["mapped", "mapped"]


def test_items_that_come_and_go_are_compatible():
    found = changes((item("x"), item("y")), (item("x"), item("z")))

    assert [verdict for verdict, _ in found] == ["compatible", "compatible"]
    assert "new" in found[0][1] and "its column ends" in found[1][1]


def test_a_formula_goes_on_when_what_it_names_is_renamed_and_breaks_when_that_breaks():
    total = item("total", formula="x + y")

    same = changes((item("x"), item("y"), total), (item("z", was="x"), item("y"), item("total", formula="z + y")))
    other = changes((item("x"), item("y"), total), (item("x"), item("y"), item("total", formula="x - y")))
    input = changes((item("x"), item("y"), total), (item("x", low="Other"), item("y"), total))

    assert [verdict for verdict, _ in same] == ["mapped"]
    assert other == [("breaking", "It is worked out differently. A new column begins: total__since_1_1.")]
    assert [verdict for verdict, _ in input] == ["breaking", "breaking"]
    assert "worked out from" in input[1][1]


def test_what_is_worked_out_from_what_is_worked_out_breaks_too():
    old = (item("x"), item("double", formula="x * 2"), item("more", formula="double * 2"))
    new = (item("x", low="Other"), item("double", formula="x * 2"), item("more", formula="double * 2"))

    assert verdicts(old, new) == ["breaking"] * 3


@pytest.mark.parametrize(
    "schedule",
    [
        {"every_days": 2},
        {"first_day": 2},
        {"form": "monthly", "every_days": 0, "every_months": 1},
        {"form": "on_demand", "every_days": 0},
    ],
)
def test_a_rhythm_never_changes_under_one_name(schedule):
    new = version("1.1", item("x"), schedule=replace(EVENING.schedule, **schedule))

    found = compare(version("1.0", item("x")), new)

    assert {change.verdict for change in found} == {"refused"}
    assert "new name" in found[0].sentence


def test_opening_hours_and_the_end_may_change():
    schedule = replace(EVENING.schedule, opens=time(18), window=Duration(minutes=60), last_day=9)

    found = compare(version("1.0", item("x")), version("1.1", item("x"), schedule=schedule))

    assert {change.verdict for change in found} == {"compatible"}


@pytest.mark.parametrize("number", ["1.10", "1.010", "1-10", "1.9", "1.1"])
def test_a_version_must_be_a_later_one_and_no_other_spelling_of_one_in_use(number):
    old = version("1.10", item("x"), former=[version("1.1", item("x"))])

    found = compare(old, version(number, item("x"), item("y")))

    assert ("study.version", "refused") in [(change.place, change.verdict) for change in found]


def test_a_document_compared_with_itself_says_nothing():
    assert compare(PLAIN, PLAIN) == ()


def test_another_study_is_refused():
    other = version("1.1", item("x"))
    other = replace(other, study=replace(other.study, code="SS-1"))

    found = compare(version("1.0", item("x")), other)

    assert [(change.place, change.verdict) for change in found] == [("study.code", "refused")]


def test_a_consent_form_with_other_words_needs_another_version_and_keeps_its_promises():
    def with_consent(**other):
        new = version("1.1", item("x"))
        return replace(
            new, consent=ConsentForm(**{f.name: getattr(new.consent, f.name) for f in fields(ConsentForm)} | other)
        )

    old = version("1.0", item("x"))

    def said(new):
        return [(change.place, change.verdict) for change in compare(old, new)]

    assert said(with_consent(title="Other")) == [("consent.version", "refused")]
    assert said(with_consent(title="Other", version="2")) == [("consent", "compatible")]
    assert ("consent.withdrawal", "refused") in said(with_consent(withdrawal=("stop",)))
    question = CheckQuestion("When?", {"now": "Now", "never": "Never"}, "now", "At any time.")
    for asked in ({"check": {"leaving": question}}, {"asks_name": True}, {"countersign": "clinic"}):
        assert said(with_consent(**asked)) == [("consent.version", "refused")]
        assert said(with_consent(**asked, version="2")) == [("consent", "compatible")]
    assert said(with_consent(until_countersigned="pause")) == [("consent.until_countersigned", "compatible")]


def test_every_part_of_a_protocol_is_compared_or_needs_no_comparing():
    compared = {"study", "notices", "consent", "instruments", "disclosure", "languages", "ineligibility", "alerts"}
    compared |= {"contacts", "monitoring"}
    about_reading = {"source", "digest", "language", "warnings", "earlier"}

    assert compared | about_reading == {field.name for field in fields(Protocol)}
    assert VERDICTS == ("compatible", "mapped", "breaking", "refused")
