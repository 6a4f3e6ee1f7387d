"""A chart is the same picture each time, tells what is missing as missing, and has its numbers beside it."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

import pytest
from reportlab.graphics import shapes
from reportlab.graphics.shapes import Shape, String

from studyportal.charts import Chart, drawing, png, svg
from studyportal.charts.browser import script
from studyportal.charts.counts import Bar, bars, next_ten
from studyportal.charts.course import Marks, Track, course
from studyportal.charts.dots import Dot, dots
from studyportal.charts.flow import Step, flow
from studyportal.charts.groups import HEIGHT, LINE, Group, courses
from studyportal.charts.responders import Reached, responder_curve
from studyportal.charts.retention import Left, retained
from studyportal.charts.steps import Series, grown
from studyportal.charts.theme import colour
from studyportal.charts.tiles import Line, tiles
from studyportal.charts.weekly import Week, weekly_means

FIRST = date(2026, 3, 1)
LAST = date(2026, 3, 28)
HOSTILE = '<script>alert("1")</script> =1+1 \u202eabc \U0001f600 ' + "Schmerz" * 30


def _course(*values: tuple[int, float]) -> Chart:
    days = [(FIRST + timedelta(day), value) for day, value in values]
    doses = Marks("Doses", [(FIRST + timedelta(3), "0.1 g")])
    return course([Track("Pain, 0-10", 0, 10, days)], [doses], title="Pain over 4 weeks", begins=FIRST, ends=LAST)


def _groups(*ends: float | None, name: str = "Group") -> Chart:
    groups = [Group(f"{name} {at}", [Week(1, 5.0, 4.5, 5.5, "40"), Week(2, end)]) for at, end in enumerate(ends)]
    return courses(groups, title="Pain by group", measure="Pain", low=0, high=10, interval="95 % CI")


def _responders(*shares: float | None) -> Chart:
    points = [
        Reached(10 * at, share, "<11" if share is None else "40", named="moderate" if at == 1 else "")
        for at, share in enumerate(shares)
    ]
    return responder_curve(points, title="Who responded", of="Share, %")


def _tiles(weeks: int, *shares: int | None) -> Chart:
    lines = [Line("Pain", [share] * weeks) for share in shares]
    return tiles(lines, range(1, weeks + 1), title="What was answered?", measure="Answered, %", hidden="<11")


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
    "bars beside a group": bars(
        [Bar("Yes", 45, "45 %", 52), Bar("Yes", None, "<11")], title="Flares", measure="%", beside="All"
    ),
    "flow": flow([Step("In the snapshot", "480"), Step("Women", "<11")], title="Who is left"),
    "flow of nothing": flow([], title="Who is left"),
    "steps": grown(
        [Series("Agreed", [None, 20, 40]), Series("Left", [None, None, None])], title="Consent", hidden="<11"
    ),
    "steps of one week": grown([Series("Agreed", [20])], title="Consent", hidden="<11"),
    "groups": _groups(5.2, None),
    "many groups": _groups(5.2, 5.2, None),
    "groups of nothing": courses([], title="Pain", measure="Pain", low=0, high=10),
    "responders": _responders(60, 41, None),
    "responders of nothing": _responders(),
    "dots": dots(
        [Dot("Dose day", -0.3, -0.5, -0.1, "40"), Dot("Day after", None, people="<11", words="too few")],
        title="Pain",
        measure="Difference",
        middle=0,
        interval="95 % CI",
    ),
    "dots of nothing": dots([], title="Pain", measure="Pain"),
    "retention": retained(
        [Left(0, 100, "40"), Left(1, 80.4, "35", 70, 90), Left(2, None, "<11")], title="Stay", measure="%"
    ),
    "retention of nothing": retained([], title="Stay", measure="%"),
    "tiles": _tiles(12, 80, None),
    "tiles of many weeks": _tiles(52, 80, None),
    "tiles of nothing": _tiles(0),
    "hostile groups": _groups(5.0, name=HOSTILE),
    "hostile dots": dots([Dot(HOSTILE, 1.0, people=HOSTILE, words=HOSTILE)], title=HOSTILE, measure=HOSTILE),
    "hostile tiles": tiles([Line(HOSTILE, [1])], [1], title=HOSTILE, measure=HOSTILE, hidden=HOSTILE),
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
def test_every_chart_keeps_the_schema_of_vega_lite(name: str) -> None:
    CHARTS[name].drawn.to_dict(validate=True, context={"pre_transform": False})


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
    chart = course(
        [Track("Schmerz", 0, 10, [(date(2026, 5, 1), 3.0), (date(2026, 5, 9), 4.0)])],
        title="",
        begins=date(2026, 5, 1),
        ends=date(2026, 5, 9),
    )

    assert "Mai" in svg(chart, language="de") and "Mai" not in svg(chart)
    assert svg(chart, language="tlh") == svg(chart)


def test_a_hidden_count_has_its_words_and_is_never_a_zero_in_the_table() -> None:
    assert CHARTS["bars"].table.rows == (("Yes", "45"), ("No", "<11"))


def test_a_group_beside_and_weeks_without_a_number_stand_in_the_table_too() -> None:
    assert CHARTS["bars beside a group"].table.rows == (("Yes", "45 %", "52"), ("Yes", "<11", ""))
    assert CHARTS["steps"].table.rows[:2] == (("Agreed", "1", "<11"), ("Agreed", "2", "20"))
    assert CHARTS["flow"].table.rows == (("In the snapshot", "480"), ("Women", "<11"))


def test_tables_of_groups_responders_days_weeks_and_tiles_say_what_is_not_shown() -> None:
    assert CHARTS["many groups"].table.rows[-1] == ("Group 2", "2", "not shown", "", "")
    assert CHARTS["responders"].table.rows[1:] == (("10 (moderate)", "41 %", "40"), ("20", "not shown", "<11"))
    assert CHARTS["dots"].table.rows == (
        ("Dose day", "−0.3", "−0.5 to −0.1", "40"),
        ("Day after", "too few", "", "<11"),
    )
    assert CHARTS["retention"].table.rows[1:] == (("1", "80 %", "35"), ("2", "not shown", "<11"))
    assert CHARTS["tiles"].table.rows[1] == ("Pain", *["<11"] * 12)


@pytest.mark.parametrize("ends", [(5.0, 5.0), (0.0, 0.0), (0.1, 0.0), (10.0, 9.9), (5.0, None)])
def test_names_at_the_ends_of_lines_neither_lie_on_each_other_nor_leave_the_picture(
    ends: tuple[float | None, ...],
) -> None:
    names = _groups(*ends).spec()["layer"][-1]["data"]["values"]

    heights = sorted(HEIGHT * (10 - float(row["at"])) / 10 for row in names)
    assert len(heights) == len(ends)
    assert all(after - before >= LINE for before, after in pairwise(heights))
    assert heights[0] >= 0 and heights[-1] <= HEIGHT


def test_one_group_alone_needs_no_name_in_its_picture() -> None:
    assert not any(layer["mark"]["type"] == "text" for layer in _groups(3.0).spec()["layer"])


@pytest.mark.parametrize(
    ("name", "is_blank"),
    [
        ("weekly", True),
        ("groups", False),
        ("bars", False),
        ("bars of nothing", True),
        ("dots of nothing", True),
        ("tiles of nothing", True),
    ],
)
def test_a_picture_with_nothing_to_see_says_so(name: str, is_blank: bool) -> None:
    assert CHARTS[name].is_blank is is_blank


@pytest.mark.parametrize(("shares", "end"), [((), 10), ((None, 0), 10), ((10, 4), 10), ((10.4,), 20), ((100,), 100)])
def test_an_axis_of_shares_ends_at_the_ten_after_the_largest(shares: tuple[float | None, ...], end: int) -> None:
    assert next_ten(*shares) == end


def test_the_words_of_a_bar_stand_at_its_end_or_at_the_mark_on_it() -> None:
    rows = CHARTS["bars beside a group"].spec()["layer"][0].get("data") or CHARTS["bars beside a group"].spec()["data"]

    assert [row["end"] for row in rows["values"]] == [52, 0]


def test_many_groups_have_a_picture_each_on_one_scale_and_too_many_are_refused() -> None:
    parts = _groups(1, 2, 3, None).spec()["vconcat"]

    assert [part["title"]["text"] for part in parts] == [f"Group {at}" for at in range(4)]
    assert len({str(layer["encoding"]["y"]["scale"]) for part in parts for layer in part["layer"]}) == 1
    with pytest.raises(ValueError, match="more groups"):
        _groups(*range(9))


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("tile", ["least", "most"])
def test_a_number_on_a_tile_can_be_read(tile: str, dark: bool) -> None:
    ground, letters = sorted(_luminance(colour(name, dark=dark)) for name in (tile, "ink"))

    assert (letters + 0.05) / (ground + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    """As WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


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


def _shapes(group: shapes.Group) -> Iterator[Shape]:
    for shape in group.contents:
        yield from _shapes(shape) if isinstance(shape, shapes.Group) else (shape,)
