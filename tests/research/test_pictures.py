"""A picture shows the cells of its table and no other number: on the page, and as a file for a slide."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from studyportal.research.cohorts.criteria import read_criteria
from studyportal.research.cohorts.measures import measures
from studyportal.research.cohorts.pictures import PICTURES, picture
from studyportal.research.cohorts.selection import selected
from studyportal.research.cohorts.tables import FORMS, table
from studyportal.research.snapshot.opened import OpenedSnapshot
from tests.research.conftest import Researcher
from tests.research.study import alone, hand_made

SNAPSHOT = OpenedSnapshot(hand_made(700), alone)
MEASURES = measures(SNAPSHOT.codebook)
COHORT = "/projects/P-1/cohort"


def _data(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every row of numbers in a Vega-Lite document."""
    yield from document.get("data", {}).get("values", ())
    for values in document.get("datasets", {}).values():
        yield from values
    for part in (*document.get("layer", ()), *document.get("vconcat", ())):
        yield from _data(part)


def _documents(page: str) -> list[Mapping[str, Any]]:
    return [json.loads(one) for one in re.findall(r"data-picture='([^']*)'", page)]


def test_every_way_of_showing_a_measure_has_a_picture() -> None:
    assert set(PICTURES) == set(FORMS)


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("terms", [(), (("baseline.sex", "o"),)], ids=["everybody", "few"])
def test_each_number_of_a_picture_is_a_cell_that_the_table_shows(name: str, terms: tuple[tuple[str, str], ...]) -> None:
    found = table(SNAPSHOT, selected(SNAPSHOT, read_criteria(terms, SNAPSHOT)), MEASURES[name])

    chart = picture(MEASURES[name], found)

    shown = {cell.value for row in found.rows for cell in row.cells} | {0, None}
    drawn = [row[one] for row in _data(chart.document) for one in ("value", "mean", "beside") if one in row]
    assert drawn and set(drawn) <= shown


def test_the_page_holds_a_document_for_each_table_and_no_script_of_its_own(researcher: Researcher) -> None:
    page = researcher.open(f"{COHORT}?baseline.sex=f&show=baseline.age&show=evening.pain")

    # One of how many are left.
    assert len(_documents(page.text)) == 3
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert re.findall(r"<script(?! src=)", page.text) == []


def test_the_browsers_script_is_kept_for_a_year_under_the_address_on_the_page(researcher: Researcher) -> None:
    page = researcher.get(f"{COHORT}?show=evening.pain").text

    sent = researcher.get(re.search(r'src="(/static/charts\.js[^"]*)"', page)[1])

    assert b"vegaEmbed" in sent.data
    assert "immutable" in sent.headers["Cache-Control"]
    assert sent.content_type.startswith("text/javascript")


@pytest.mark.parametrize(("kind", "begins"), [("svg", b"<svg"), ("png", b"\x89PNG")])
@pytest.mark.parametrize(
    "address",
    ["cohort/picture.{}?of=evening.pain", "cohort/picture.{}?of=attrition&baseline.sex=f", "consents/picture.{}"],
)
def test_a_picture_downloads_with_its_title(researcher: Researcher, address: str, kind: str, begins: bytes) -> None:
    sent = researcher.get(f"/projects/P-1/{address.format(kind)}")

    assert sent.status_code == 200
    assert sent.data.startswith(begins)
    assert sent.headers["Content-Disposition"].endswith(f".{kind}") or f".{kind}" in sent.headers["Content-Disposition"]


@pytest.mark.parametrize("query", ["of=nothing.here", "of=evening.pain&of=baseline.age", ""])
def test_a_picture_of_nothing_that_is_known_is_refused_in_a_sentence(researcher: Researcher, query: str) -> None:
    sent = researcher.get(f"{COHORT}/picture.svg?{query}")

    assert sent.status_code in {404, 422}
    assert "Traceback" not in sent.text
