"""Research columns go on over all versions: nothing that comes later renames one or takes an answer away from it."""

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from studyportal.protocol import released
from studyportal.protocol.amendments import compare, instruments, lineage, versions
from studyportal.protocol.versions import with_earlier
from tests.protocol.amendments.versions import PLAIN, chain, item, version

NAMES = ["a", "b", "c", "d"]
CODES = ["k", "l", "m"]


@st.composite
def any_item(draw, name):
    """An item with settings from a small world, so that versions often meet."""
    kind = draw(st.sampled_from(["integer", "decimal", "choice", "rating", "computed", "heading"]))
    other = {"ask": draw(st.sampled_from(["How?", "What?"])), "was": draw(st.sampled_from(["", "", "", *NAMES]))}
    if kind in ("integer", "decimal"):
        other |= {"minimum": draw(st.integers(0, 1)), "maximum": draw(st.integers(8, 9)), "unit": "hours"}
    if kind == "choice":
        chosen = draw(st.lists(st.sampled_from(CODES), min_size=1, unique=True))
        recode = draw(st.dictionaries(st.sampled_from(CODES), st.sampled_from(chosen), max_size=2))
        other |= {"choices": {code: code.upper() for code in chosen}, "recode": recode}
    if draw(st.booleans()):
        other["missing"] = {"not_said": "I prefer not to say"}
    formula = draw(st.sampled_from(["a + 1", "b + c"])) if kind == "computed" else ""
    return item(name, kind, formula=formula, release=draw(st.sampled_from(["keep", "drop"])), **other)


any_items = st.lists(st.sampled_from(NAMES), unique=True, min_size=1).flatmap(
    lambda names: st.tuples(*(any_item(name) for name in names))
)
chains = st.lists(any_items, min_size=2, max_size=4).map(lambda documents: chain(*documents))


def lines(protocol):
    return {line.column: line for line in lineage(protocol)["evening"]}


def places(protocol):
    """Of which item of which version each column holds the answers."""
    return {
        column: {version: source.item for version, source in line.sources.items()}
        for column, line in lines(protocol).items()
    }


@given(chains)
@settings(deadline=None)
def test_every_answer_of_every_version_is_in_exactly_one_column(protocol):
    found = [(number, source.item) for line in lines(protocol).values() for number, source in line.sources.items()]

    asked = [
        (one.study.version, name)
        for one in versions(protocol)
        for name, asked in one.instruments["evening"].items.items()
        if asked.kind != "heading"
    ]
    assert sorted(found) == sorted(asked)


@given(chains)
@settings(deadline=None)
def test_a_version_that_comes_later_renames_no_column_and_takes_no_answers_away(protocol):
    *former, before = protocol.earlier.values()
    earlier = places(with_earlier(before, former))

    later = places(protocol)

    assert earlier.keys() <= later.keys()
    for column, sources in earlier.items():
        assert later[column].items() >= sources.items()


@given(chains)
@settings(deadline=None)
def test_a_compatible_version_changes_no_value_of_a_column(protocol):
    *former, before = protocol.earlier.values()
    old = with_earlier(before, former)
    assume({change.verdict for change in compare(old, protocol)} == {"compatible"})

    earlier, later = lines(old), lines(protocol)

    for column, line in earlier.items():
        assert {number: later[column].sources[number] for number in line.sources} == dict(line.sources)
        assert later[column].item.kind == line.item.kind


@given(chains)
@settings(deadline=None)
def test_every_answer_ever_given_can_stand_under_the_newest_definition_of_its_column(protocol):
    for line in lines(protocol).values():
        for number, source in line.sources.items():
            then = protocol.version(number).instruments["evening"].items[source.item]

            assert then.missing.keys() <= line.item.missing.keys()
            assert (then.kind, line.item.kind) in {(line.item.kind,) * 2, ("integer", "decimal")}
            assert {source.recode.get(code, code) for code in then.choices} <= line.item.choices.keys()
            if then.minimum is not None:
                assert line.item.minimum <= then.minimum and then.maximum <= line.item.maximum


def test_a_line_goes_on_under_its_first_name_with_its_newest_definition():
    protocol = chain((item("x", "choice"),), (item("y", "choice", was="x", release="drop", ask="Now?"),))

    (line,) = lineage(protocol)["evening"]

    assert (line.column, line.item.name, line.item.release.treatment, line.since) == ("x", "y", "drop", "1.0")
    assert line.history == ("Called y in the study document since version 1.1.", "Since version 1.1: other words.")


def test_a_break_begins_a_column_and_both_say_so():
    protocol = chain((item("x"),), (item("x"),), (item("x", low="Other"),))

    now, former = lineage(protocol)["evening"]

    assert (now.column, now.since, set(now.sources)) == ("x__since_1_2", "1.2", {"1.2"})
    assert now.history == ("Asked since version 1.2 in place of x: other words at the low end.",)
    assert (former.column, former.item.low, set(former.sources)) == ("x", "No pain", {"1.0", "1.1"})
    assert former.history == ("Asked until version 1.1; x__since_1_2 is asked in its place.",)


def test_recodes_follow_one_another():
    words = {"a": "Apple", "b": "Pear"}
    protocol = chain(
        (item("x", "choice", choices=words),),
        (item("x", "choice", choices={"a": "Apple", "c": "Cherry"}, recode={"b": "c"}),),
        (item("x", "choice", choices={"d": "Date", "c": "Cherry"}, recode={"a": "d"}),),
        (item("x", "choice", choices={"d": "Date", "e": "Elder"}, recode={"c": "e"}),),
    )

    (line,) = lineage(protocol)["evening"]

    assert line.column == "x"
    assert dict(line.sources["1.0"].recode) == {"a": "d", "b": "e", "c": "e"}
    assert dict(line.sources["1.2"].recode) == {"c": "e"}
    assert dict(line.sources["1.3"].recode) == {}


def test_an_item_asked_again_goes_on_in_its_column():
    protocol = chain((item("x"), item("y")), (item("y"),), (item("x"), item("y")))

    found = lines(protocol)

    assert set(found) == {"x", "y"}
    assert set(found["x"].sources) == {"1.0", "1.2"}


def test_an_instrument_that_is_not_asked_any_more_keeps_its_columns():
    first, second = version("1.0", item("x")), version("1.1", item("y"))
    other = replace(second.instruments["evening"], name="morning", title="Morning")
    protocol = with_earlier(replace(second, instruments={"morning": other}), [first])

    assert set(lineage(protocol)) == set(instruments(protocol)) == {"evening", "morning"}
    assert instruments(protocol)["evening"].title == PLAIN.instruments["evening"].title
    assert [line.history for line in lineage(protocol)["evening"]] == [("Asked until version 1.0.",)]


def test_research_is_shown_the_columns_of_all_versions_with_their_history():
    protocol = chain((item("x"), item("secret", "notes", release="drop")), (item("x", low="Other"),))

    items = released(protocol)["instruments"]["evening"]["items"]

    assert list(items) == ["x__since_1_1", "x"]
    assert items["x"]["low"] == "No pain" and "in place of x" in items["x__since_1_1"]["history"][0]
    assert "secret" not in str(items)
