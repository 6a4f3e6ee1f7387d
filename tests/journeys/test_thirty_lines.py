"""A new study is a new document and no new code: thirty lines of YAML, from the first code to a researcher's export."""

import csv
import io
import re
import zipfile

import pytest

from tests.journeys.cast import approve, join, others, publish, write
from tests.journeys.house import House, readable

STUDY = """\
study: {code: KNEE-1, title: Knees in the cold, version: "1.0"}
disclosure: {threshold: 11, rounding: 5}
consent:
  version: "1"
  title: Taking part in Knees in the cold
  sections: [{heading: What it is for, body: We want to learn whether knees hurt more when it is cold.}]
  scopes:
    study: {ask: I take part in this study., required: true}
    sharing: {ask: Approved researchers may use my answers., shares: true}
  withdrawal: [stop, remove, erase]
alerts:
  bad: {on: evening, when: stiffness >= 9, level: high, title: Very stiff}
  lost: {on: evening, when: 'cause == "fall"', level: high, title: A fall}
instruments:
  knees:
    title: Your knees
    schedule: {once: day 1, opens: "00:00", for: 14 days, grace: 30 days}
    items:
      which: {ask: Which knee?, kind: choice, choices: {left: Left, right: Right}, required: true, release: keep}
  evening:
    title: This evening
    schedule: {every: 1 day, opens: "17:00", for: 10 hours, grace: 12 hours}
    items:
      stiffness: {ask: How stiff?, kind: rating, low: Not at all, high: Quite, required: true, release: keep}
      cause: {ask: Why?, kind: choice, choices: {cold: The cold, fall: A fall}, when: stiffness >= 5, release: keep}
      ease: {ask: Ease, kind: computed, formula: 10 - stiffness, minimum: 0, maximum: 10, release: keep}
  week:
    title: This week
    schedule: {every: 1 week, opens: "00:00", for: 2 days, grace: 3 days}
    items: {walks: {ask: On how many days did you walk?, kind: integer, minimum: 0, maximum: 7, release: keep}}
"""


@pytest.fixture
def house(tmp_path):
    """A building that was made for this document."""
    made = House(tmp_path / "instance", document=STUDY)
    yield made
    made.close()


def table(package: bytes, name: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        inside = next(one for one in archive.namelist() if one.endswith(name))
        return list(csv.DictReader(io.TextIOWrapper(archive.open(inside), "utf-8")))


def test_the_document_is_thirty_lines():
    assert len(STUDY.splitlines()) <= 30


def test_thirty_lines_are_a_study_from_enrolment_to_export(house):
    house.run("site", "add", "NS", "Northside")
    others(house, 32, {"knees": ({"which": "left"}, 1), "evening": ({"stiffness": 2}, 2), "week": ({"walks": 3}, 1)})

    # She joins with a code, agrees, and writes by the forms that the document makes.
    her = join(house)
    write(her, "knees", {"which": "left"})
    write(her, "evening", {"stiffness": "9", "cause": "cold"})
    assert "Unaltered" in readable(her.browser.page)
    write(her, "week", {"walks": "1"})
    her.browser.get("/course")
    assert "The cold" in readable(her.browser.page)

    # A question that is not asked on this branch has no answer, and says so.
    him = join(house)
    him.browser.get("/")
    link = re.search(r'href="(/diary/evening(?:/\d+)?)"', him.browser.page)[1]
    him.browser.get(link)
    him.browser.post(link, status=422, stiffness="3", cause="cold")
    him.browser.post(link, stiffness="3")

    # Custody takes identity away; what was computed was computed once, when the entry came.
    researcher = house.staff("research", "Dr. Rao", "researcher")
    project = approve(researcher, house.staff("custody", "Kim", "custodian"))
    publish(house)
    counted = house.run("custody", "reconcile", "--receipts")
    assert re.search(r"evening +ease +34 +34 +34 values, 34 people", counted), counted
    assert re.search(r"evening +cause +1 +1 +1 values, 1 people", counted), counted
    assert re.search(r"week +walks +33 +33 +33 values, 33 people", counted), counted

    # Research: a cohort by the document's own choices, and a package that passed the checks.
    researcher.get(f"/projects/{project}/cohort?knees.which=left")
    assert "Which knee?" in readable(researcher.page)
    assert 13 <= int(re.search(r'class="n">(\d+)<', researcher.page)[1]) <= 54  # 33, or the 34 of everybody, blurred
    researcher.get(f"/projects/{project}/releases/new")
    chosen = ["knees__which", "evening__stiffness", "evening__ease", "week__walks"]
    made = researcher.post(f"/projects/{project}/releases/new", item=chosen)
    researcher.follow(made)
    link = re.search(r'href="([^"]+/package\.zip)"', researcher.page)
    assert link, readable(researcher.page)
    package = researcher.get(link[1]).data
    weekly = table(package, "weekly.csv")
    assert {"evening__stiffness", "evening__ease", "week__walks"} <= set(weekly[0])
    subjects = [row["knees__which"] for row in table(package, "subjects.csv")]
    assert sorted(subjects) == ["", *["left"] * 33]  # he never said which knee it is
    assert "fault" not in house.run("audit", "verify").lower()
