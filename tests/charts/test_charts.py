"""A chart is the same picture each time, tells what is missing as missing, and has its numbers beside it."""

import json
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from reportlab.graphics.shapes import Group, Shape, String

from studyportal.charts import Chart, drawing, png, svg
from studyportal.charts.browser import script
from studyportal.charts.counts import Bar, bars
from studyportal.charts.course import Marks, Track, course
from studyportal.charts.flow import Step, flow
from studyportal.charts.steps import Series, grown
from studyportal.charts.weekly import Week, weekly_means

FIRST = date(2026, 3, 1)
LAST = date(2026, 3, 28)
HOSTILE = '<script>alert("1")</script> =1+1 \u202eabc \U0001f600 ' + "Schmerz" * 30


def _course(*values: tuple[int, float]) -> Chart:
    days = [(FIRST + timedelta(day), value) for day, value in values]
    doses = Marks("Doses", [(FIRST + timedelta(3), "0.1 g")])
    return course([Track("Pain, 0-10", 0, 10, days)], [doses], title="Pain over 4 weeks", begins=FIRST, ends=LAST)


CHARTS = {
    "course": _course((0, 4), (1, 5), (5, 6)),
    "course of nothing": _course(),
    "course of one day": _course((0, 4)),
    "weekly": weekly_means(
        [Week(1, 5.2, 4.8, 5.6, "120"), Week(2, None)], title="Pain", measure="Pain", low=0, high=10
    ),
    "weekly of nothing": weekly_means([], title="Pain", measure="Pain", low=0, high=10),
    "bars": bars([Bar("Yes", 45, "45"), Bar("No", None, "<11")], title="Flares", measure="People"),
    "bars of nothing": bars([], title="Flares", measure="People"),
    "bars beside a group": bars([Bar("Yes", 45, "45 %", 52), Bar("Yes", None, "<11")], title="Flares", measure="%", beside="All"),
    "flow": flow([Step("In the snapshot", "480"), Step("Women", "<11")], title="Who is left"),
    "flow of nothing": flow([], title="Who is left"),
    "steps": grown([Series("Agreed", [None, 20, 40]), Series("Left", [None, None, None])], title="Consent", hidden="<11"),
    "steps of one week": grown([Series("Agreed", [20])], title="Consent", hidden="<11"),
    "hostile flow": flow([Step(HOSTILE, HOSTILE)], title=HOSTILE),
    "hostile words": bars([Bar(HOSTILE, 45, HOSTILE)], title=HOSTILE, measure=HOSTILE),
}


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_becomes_a_picture_of_each_kind_and_the_same_one_each_time(name: str) -> None:
    chart = CHARTS[name]

    first, again = svg(chart), svg(chart)

    assert first == again
    assert "<script" not in first
    assert png(chart).startswith(b"\x89PNG")
    assert drawing(chart, width=400).width == 400


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_has_its_document_for_both_grounds_and_fetches_nothing(name: str) -> None:
    light, dark = (json.dumps(CHARTS[name].spec(dark=dark)) for dark in (False, True))

    assert light != dark
    assert '"url"' not in light + dark


def test_a_missing_day_breaks_the_line_and_is_not_in_the_table() -> None:
    chart = _course((0, 4), (1, 5), (5, 6))

    (track, _) = chart.spec()["vconcat"]
    runs = [row["run"] for row in track["data"]["values"]]

    assert runs == [0, 0, 1]
    assert [row[0] for row in chart.table.rows] == ["2026-03-01", "2026-03-02", "2026-03-04", "2026-03-06"]


def test_a_picture_writes_days_as_its_language_does_and_else_as_english_does() -> None:
    chart = course([Track("Schmerz", 0, 10, [(date(2026, 5, 1), 3.0), (date(2026, 5, 9), 4.0)])], title="", begins=date(2026, 5, 1), ends=date(2026, 5, 9))

    assert "Mai" in svg(chart, language="de") and "Mai" not in svg(chart)
    assert svg(chart, language="tlh") == svg(chart)


def test_a_hidden_count_has_its_words_and_is_never_a_zero_in_the_table() -> None:
    assert CHARTS["bars"].table.rows == (("Yes", "45"), ("No", "<11"))


def test_a_group_beside_and_weeks_without_a_number_stand_in_the_table_too() -> None:
    assert CHARTS["bars beside a group"].table.rows == (("Yes", "45 %", "52"), ("Yes", "<11", ""))
    assert CHARTS["steps"].table.rows[:2] == (("Agreed", "1", "<11"), ("Agreed", "2", "20"))
    assert CHARTS["flow"].table.rows == (("In the snapshot", "480"), ("Women", "<11"))


def test_a_file_has_its_title_and_note_in_the_picture_and_a_page_beside_it() -> None:
    chart = bars([Bar("Yes", 45, "45")], title="Did you have a flare today?", measure="People", note="Of 100 people.")

    assert "flare today" in svg(chart, titled=True) and "Of 100 people" in svg(chart, titled=True)
    assert "flare today" not in svg(chart) and "Of 100 people" not in svg(chart)


def test_the_script_for_browsers_is_whole_and_names_no_address_to_fetch_from() -> None:
    text = script().decode()

    assert "window.vegaEmbed" in text
    assert "import(" not in text.replace("import.meta", "")


def test_a_mean_that_is_not_shown_is_said_so() -> None:
    assert CHARTS["weekly"].table.rows[1][1] == "not shown"


def test_on_paper_letters_have_one_size_and_a_label_without_room_is_not_drawn() -> None:
    def sizes_and_labels(width: float) -> tuple[set[float], int]:
        found = drawing(CHARTS["course"], width=width)
        texts = [shape for shape in _shapes(found) if isinstance(shape, String)]
        return {round(text.fontSize * found.transform[0], 1) for text in texts}, len(texts)

    wide, narrow = sizes_and_labels(470), sizes_and_labels(160)

    assert all(abs(size - 9.0) < 0.8 for size in wide[0] | narrow[0])
    assert narrow[1] < wide[1]


def _shapes(group: Group) -> Iterator[Shape]:
    for shape in group.contents:
        yield from _shapes(shape) if isinstance(shape, Group) else (shape,)
