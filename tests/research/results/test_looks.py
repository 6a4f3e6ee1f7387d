"""What a project can open up to its ledger's cap tells somebody who knows every other record no more of the last one,
whichever result."""

import pytest

from studyportal.research.cohorts.catalogue import Division, catalogue
from studyportal.research.cohorts.measures import measures
from studyportal.research.disclosure import Protection
from studyportal.research.snapshot.opened import OpenedSnapshot
from tests.research.results.looks import STORIES, accuracy, most_looks, price, snapshot

# What a spent ledger gives an insider at the very most, as in the attacks on the engine.
INSIDER, CAP = 0.78, Protection().project_ledger
DIVIDED = "by sex"
# Each result, and where others' pain is if it tells the most. A number at the end of a scale moves a mean most where
# all others are at the other.
RESULTS = {
    ("table_one", ""): 0,
    ("table_one", DIVIDED): 0,
    ("baseline.sex", ""): 5,
    ("baseline.worst", ""): 0,
    ("evening.weeks__given", ""): 5,
    ("evening.pain__mean", ""): 5,
    ("evening.pain", ""): 0,
    ("evening.pain", DIVIDED): 5,
    ("evening.flare", ""): 5,
    ("evening.mood", ""): 5,
    ("change:evening.pain", ""): 0,
    ("change:evening.pain", DIVIDED): 0,
    ("responders:evening.pain", ""): 5,
    ("cycle:evening.pain", ""): 0,
    ("schedules:dose", ""): 5,
    ("schedules:dose", DIVIDED): 5,
    ("events:adverse_event", ""): 5,
    ("retention:evening", ""): 5,
    ("missing:evening", ""): 5,
    ("gaps:evening", ""): 5,
}


@pytest.mark.parametrize(("name", "divided", "others_at"), [(*key, place) for key, place in RESULTS.items()])
def test_no_result_tells_an_insider_more_up_to_the_cap(name: str, divided: str, others_at: int) -> None:
    def division(opened: OpenedSnapshot) -> Division:
        by = opened.variables["baseline.sex"] if divided else None
        return Division(by, (opened.variables["baseline.worst"],))

    opened = snapshot(STORIES["at the top"], others_at=others_at)
    costs = price(catalogue(opened.codebook)[name], division(opened))

    assert accuracy(CAP // costs * most_looks(name, division, others_at=others_at)) <= INSIDER


def test_every_kind_of_result_is_among_them() -> None:
    opened = snapshot(STORIES["at the top"], others_at=5)

    def kind(name: str) -> str:
        variable, measured = opened.variables.get(name), measures(opened.codebook).get(name)
        return (
            f"{variable.source} {variable.has_mean}"
            if variable
            else measured.form
            if measured
            else name.partition(":")[0]
        )

    known = catalogue(opened.codebook)

    assert {kind(name) for name, _ in RESULTS} == {kind(name) for name in known}
    assert {name.partition(":")[0] for name, divided in RESULTS if divided} >= {
        one.name.partition(":")[0] for one in known.values() if one.is_divided and ":" in one.name
    }
