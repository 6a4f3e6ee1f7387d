"""One form for one question, values of 20 people at least, and what is worked out for everybody."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyportal.errors import Invalid
from studyportal.research.disclosure.bins import merged
from studyportal.research.disclosure.query import Query, Term, canonical
from studyportal.research.disclosure.workload import public_cells, two_way
from tests.research.disclosure.synthetic import roll_of

PUBLISHED = {
    "sex": ("f", "m", "o"),
    "age": ("18-29", "30-39", "40-49", "50+"),
    "smokes": ("yes", "no", "not answered"),
    "flare": ("yes", "no"),
    "pain": tuple("0123456789"),
    "years": ("1", "2", "3", "4"),
}
# Everybody who can be: one person for each combination of answers.
KINDS = [*product(*PUBLISHED.values())]
ROLL = roll_of(len(KINDS))
SETS = {
    name: {value: ROLL.people(np.flatnonzero([kind[place] == value for kind in KINDS])) for value in values}
    for place, (name, values) in enumerate(PUBLISHED.items())
}


@st.composite
def terms(draw: st.DrawFn) -> Term:
    name = draw(st.sampled_from(sorted(PUBLISHED)))
    values = draw(st.sets(st.sampled_from(PUBLISHED[name]), min_size=1))
    return Term(name, frozenset(values), draw(st.integers(0, 3)))


def meant(asked: list[Term], without: list[Term]) -> set[int]:
    """The people of a question, by its meaning and not by its form."""

    def keeps(kind: tuple[str, ...], rules: list[Term]) -> bool:
        answers = dict(zip(PUBLISHED, kind, strict=True))
        return all((answers[one.variable] in one.values) != bool(one.negated % 2) for one in rules)

    return {place for place, kind in enumerate(KINDS) if keeps(kind, asked) and not (without and keeps(kind, without))}


@given(st.lists(terms(), max_size=5), st.lists(terms(), max_size=3), st.randoms())
def test_reordered_doubled_and_doubly_negated_terms_are_one_question(
    asked: list[Term], without: list[Term], chance: object
) -> None:
    def as_asked(rules: list[Term]) -> list[Term]:
        other = [Term(one.variable, one.values, one.negated + 2) for one in rules] + rules
        other += [Term(one.variable, frozenset(PUBLISHED[one.variable]) - one.values, one.negated + 1) for one in rules]
        chance.shuffle(other)  # type: ignore[attr-defined]
        return other

    try:
        found = canonical(asked, PUBLISHED, without=without)
    except Invalid:
        with pytest.raises(Invalid):
            canonical(as_asked(asked), PUBLISHED, without=as_asked(without))
        return

    again = canonical(as_asked(asked), PUBLISHED, without=as_asked(without))

    assert again == found
    assert found.people(ROLL, SETS) == ROLL.people(np.array(sorted(meant(asked, without)), int))
    assert canonical([Term(name, frozenset(values)) for name, values in found.rules], PUBLISHED).rules == found.rules


def test_all_answers_of_a_variable_are_no_rule_and_one_left_out_is_the_others() -> None:
    everybody = canonical([Term("sex", frozenset("fmo"))], PUBLISHED)
    others = canonical([], PUBLISHED, without=[Term("sex", frozenset("o"))])

    assert everybody == Query()
    assert others == canonical([Term("sex", frozenset("fm"))], PUBLISHED)


@pytest.mark.parametrize(
    ("asked", "without"),
    [
        ([Term("colour", frozenset("x"))], []),
        ([Term("sex", frozenset("x"))], []),
        ([Term("sex", frozenset("f")), Term("sex", frozenset("f"), 1)], []),
        ([Term("sex", frozenset("f"))], [Term("sex", frozenset("fm"))]),
        ([Term(name, frozenset(PUBLISHED[name][:1])) for name in [*PUBLISHED][:5]], []),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(asked: list[Term], without: list[Term]) -> None:
    with pytest.raises(Invalid) as refused:
        canonical(asked, PUBLISHED, without=without)

    assert refused.value.sentence.endswith(".")


NUMBERS = st.one_of(st.none(), st.integers(2, 60).map(lambda n: 5 * n))


@given(st.lists(NUMBERS, min_size=1, max_size=12), st.integers(0, 12))
def test_every_published_value_has_20_people_or_there_is_one_only(numbers: list[int | None], ordered: int) -> None:
    shown = {str(place): number for place, number in enumerate(numbers)}
    steps = [*shown][:ordered]

    groups = merged(shown, steps=steps)

    assert sorted(value for group in groups for value in group) == sorted(shown)
    assert len(groups) == 1 or all(sum(shown[value] or 0 for value in group) >= 20 for group in groups)
    assert [value for group in groups for value in group if value in steps] == steps or not steps
    assert all([*group] == [value for value in shown if value in group] for group in groups)


def test_few_answers_are_put_together_and_common_ones_stay() -> None:
    assert merged({"a": 300, "b": None, "c": 10, "d": 25}) == [("a",), ("b", "c", "d")]
    assert merged({"a": 300, "b": None, "c": 40}, steps="abc") == [("a",), ("b", "c")]


def test_not_having_answered_is_no_step_and_changes_the_largest_bin_or_none() -> None:
    assert merged({"0": 300, "1": 40, "2": None, "none": 10}, steps="012") == [("0", "none"), ("1", "2")]
    assert merged({"0": 300, "1": None, "2": 40, "none": 25}, steps="012") == [("0",), ("1", "2"), ("none",)]
    assert merged({"0": 15, "1": None, "none": 300}, steps="01") == [("0", "1", "none")]


def test_the_public_tables_are_thirty_at_most_and_each_margin_is_in() -> None:
    pairs = two_way(PUBLISHED, first=["age"])
    cells = public_cells(PUBLISHED, SETS, pairs[:2])

    assert len(two_way({str(n): ("a", "b") for n in range(20)})) == 30
    assert pairs[0] == ("age", "sex")
    assert len(pairs) == 15
    assert len(cells) == sum(map(len, PUBLISHED.values())) + 4 * 3 + 4 * 3
    assert sum(cell.size for cell in cells[-12:]) == ROLL.everybody.size
