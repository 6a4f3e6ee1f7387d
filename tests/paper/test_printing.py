"""What is printed: the same bytes for the same input, all of what was said, nothing of it taken for markup."""

import hashlib
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from studyportal.paper import (
    Facts,
    Grid,
    Heading,
    Multiples,
    NewPage,
    Part,
    Picture,
    Points,
    Prose,
    Signatures,
    fingerprint_of,
    printed,
)
from studyportal.paper.fingerprint import is_as_printed
from studyportal.paper.printing import _SET
from tests.paper.cast import chart, opened, paper, texts

HOSTILE = '<img src=x onerror=alert(1)> <b>bold</b> &amp; =HYPERLINK("http://x") {{ 7*7 }} %s'
ROWS = tuple((f"row-{row}", f"{row / 7:.1f}", "noted") for row in range(500))


def everything() -> list[Part]:
    return [
        Heading("Participants"),
        Prose("Some words."),
        Points(("one", "two")),
        Facts((("Snapshot", "12"),)),
        Grid("Pain of the participants", ("Who", "Pain"), (("All", "6.4"), ("Some", "<10")), frozenset({1}), "A note."),
        Heading("Course", 2),
        Picture(chart()),
        Multiples((chart("Pain"),), columns=2),
        NewPage(),
        Signatures((("For the site", ""), ("Custodian", "Dr Ada Example"))),
    ]


def test_every_part_can_be_set():
    assert set(_SET) == set(get_args(Part))


def test_the_same_input_gives_the_same_bytes_in_another_process():
    program = (
        "import hashlib, tests.paper.test_printing as here;"
        "print(hashlib.sha256(here.printed(here.paper(), here.everything())).hexdigest())"
    )

    other = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[2], env={"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert other.stdout.strip() == hashlib.sha256(printed(paper(), everything())).hexdigest()


@pytest.mark.parametrize("size", ["A4", "Letter"])
def test_every_page_says_what_it_is_and_how_to_verify_it(size):
    pdf = printed(
        paper(size=size, synthetic=True, protection="Groups below 10 are hidden."), [Prose("a"), NewPage(), Prose("b")]
    )

    pages = texts(pdf)
    assert len(pages) == 2
    for number, page in enumerate(pages, 1):
        assert "MCP-1 · Cohort report · Pain in the first nine weeks" in page
        assert "Data of Tue 3 Mar 2026, 21:40 UTC" in page
        assert "SYNTHETIC DATA" in page
        assert f"Page {number} of 2" in page
        assert f"fingerprint {fingerprint_of(pdf)}" in page
        assert "verify at https://research.example.org/verify" in page
        assert "Groups below 10 are hidden." in page
    width, _ = opened(pdf)[0].get_size()
    assert round(width) == {"A4": 595, "Letter": 612}[size]


def test_a_file_says_what_it_is_to_a_screen_reader_and_to_a_list_of_files():
    pdf = printed(paper(language="de"), everything())

    about = opened(pdf).get_metadata_dict()
    assert about["Title"] == "Pain in the first nine weeks"
    assert about["Subject"] == "Cohort report"
    assert about["Author"] == "Microdosing and chronic pain (MCP-1)"
    assert about["CreationDate"].startswith("D:20260304091200")
    assert about["Keywords"] == f"fingerprint {fingerprint_of(pdf)}"
    assert re.search(rb"/Lang \(de\)", pdf)
    assert re.search(rb"/DisplayDocTitle true", pdf)
    bookmarks = [(mark.level, mark.get_title()) for mark in opened(pdf).get_toc()]
    assert bookmarks == [(0, "Pain in the first nine weeks"), (0, "Participants"), (1, "Course")]


def test_the_fingerprint_is_that_of_the_file_and_changes_with_it():
    one, other = (printed(paper(title=title), [Prose("words")]) for title in ("One", "Two"))

    assert fingerprint_of(one) != fingerprint_of(other)
    assert is_as_printed(one)
    assert not is_as_printed(one.replace(b"/Title (One)", b"/Title (Ohe)"))


def test_only_our_type_is_in_the_file():
    pdf = printed(paper(), everything())

    used = set(re.findall(rb"/BaseFont /(\S+)", pdf))
    assert {name for name in used if b"SourceSansPro" not in name} <= {b"Helvetica"}
    assert not re.search(rb"/JavaScript|/Launch|/URI", pdf)


@pytest.mark.parametrize(
    "place", ["title", "kind", "study_title", "prose", "points", "facts", "grid", "heading", "chart"]
)
def test_what_looks_like_markup_is_printed_as_it_is(place):
    parts = {
        "prose": Prose(HOSTILE),
        "points": Points((HOSTILE,)),
        "facts": Facts(((HOSTILE, HOSTILE),)),
        "grid": Grid(HOSTILE, (HOSTILE, "n"), ((HOSTILE, "1"),), note=HOSTILE),
        "heading": Heading(HOSTILE),
        "chart": Picture(chart(HOSTILE)),
    }
    named = {} if place in parts else {place: HOSTILE}

    pdf = printed(paper(**named), [parts[place]] if place in parts else [])

    said = re.sub(r"\s", "", "".join(texts(pdf)))
    assert re.sub(r"\s", "", HOSTILE) in said


def test_long_texts_long_words_and_long_tables_are_printed_whole():
    words, word = "all of it " * 1000, "Donaudampfschiff" * 700
    parts = [
        Prose(words),
        Prose(word),
        Facts((("Said", words), (word[:300], word))),
        Grid("Said", ("Code", "Text", word[:80]), (("NS-1", words, "x"), ("NS-2", word, "y"), ("NS-3", "", "z"))),
    ]

    said = "\n".join(texts(printed(paper(), parts)))

    assert len(re.findall(r"\ball\b", said)) == 3 * 1000
    # A word that is broken at the end of a line counts in neither.
    assert said.count("dampf") > 3 * 600


def test_a_long_table_repeats_its_caption_and_head_on_every_page():
    pages = texts(printed(paper(), [Grid("Five hundred rows", ("Code", "Mean", "Note"), ROWS, frozenset({1}))]))

    with_rows = [page for page in pages if "row-" in page]
    assert len(with_rows) > 5
    assert all("Table 1. Five hundred rows Code Mean Note" in page for page in with_rows)
    assert all(page.count("row-") >= 2 for page in with_rows)
    assert sum(page.count("row-") for page in pages) == 500


def test_an_empty_table_says_so():
    (page,) = texts(printed(paper(), [Grid("Alerts of the visit", ("When", "What"), ())]))

    assert "Table 1. Alerts of the visit When What Nothing to show." in page


def test_nothing_at_all_is_a_paper_too():
    assert len(texts(printed(paper(as_of=None, address=""), [Facts(()), Points(()), Multiples(())]))) == 1


def test_numbers_of_a_column_are_aligned_on_the_point():
    numbers = ("1.5", "12.25", "1,204", "<10", "3.5 (2.1)")
    pdf = printed(
        paper(),
        [Grid("Numbers", ("Row", "Mean"), tuple((f"r{at}", one) for at, one in enumerate(numbers)), frozenset({1}))],
    )

    ends = []
    text = opened(pdf)[0].get_textpage()
    for number in numbers:
        whole = re.match(r"[<\d,]+", number).group()
        index, _ = text.search(number).get_next()
        ends.append(text.get_charbox(index + len(whole) - 1, loose=True)[2])
    assert max(ends) - min(ends) < 0.6


def test_one_mean_with_a_margin_moves_no_count_away_from_its_head():
    counts = [(f"r{at}", f"{at}00") for at in range(1, 8)]
    pdf = printed(
        paper(),
        [Grid("Counts", ("Row", "People"), (*counts, ("Mean", "5.0 ± 1.4"), ("r9", "too few")), frozenset({1}))],
    )

    text = opened(pdf)[0].get_textpage()
    ends = {}
    for words in ("People", *(count for _, count in counts), "too few"):
        index, length = text.search(words, match_case=True).get_next()
        ends[words] = text.get_charbox(index + length - 1, loose=True)[2]
    assert max(ends.values()) - min(ends.values()) < 0.6


def test_a_short_table_and_what_stands_below_one_title_begin_on_the_next_page_rather_than_being_split():
    fill = Points(tuple(f"point {at}" for at in range(34)))
    short = Grid("Weeks", ("Week", "n"), tuple((f"Week {at}", "1") for at in range(10)), frozenset({1}))
    rows = tuple((f"Question {at}", "") if at % 8 == 0 else (f"Answer {at}", "1") for at in range(160))
    long = Grid("Answers", ("", "n"), rows, frozenset({1}), groups=frozenset(range(0, 160, 8)))

    first, second, *_ = texts(printed(paper(), [fill, short]))
    pages = texts(printed(paper(), [long]))

    assert "Week" not in first and second.count("Week ") >= 10
    assert len(pages) > 2 and all(page.count("Answer ") == 7 * page.count("Question ") for page in pages)


def test_rows_that_are_titles_stand_over_the_whole_width_and_never_last_on_a_page():
    rows = tuple((f"Question {at}", "", "") if at % 7 == 0 else (f"Answer {at}", f"{at}", "noted") for at in range(398))
    titles = frozenset(at for at in range(398) if at % 7 == 0)

    pages = texts(printed(paper(), [Grid("Answers", ("Who", "n", ""), rows, frozenset({1}), groups=titles)]))

    said = re.findall(r"(?:Question|Answer) \d+", " ".join(pages))
    assert said == [row[0] for row in rows]
    assert all(not re.findall(r"(?:Question|Answer) \d+", page)[-1].startswith("Question") for page in pages)


@pytest.mark.parametrize(
    ("zone", "said"),
    [("UTC", "UTC"), ("Europe/London", "GMT"), ("America/Sao_Paulo", "UTC-03"), ("Asia/Dubai", "UTC+04")],
)
def test_a_moment_names_its_zone_so_that_it_can_be_told_from_the_hour(zone, said):
    assert paper().moment(datetime(2026, 3, 3, 21, 40, tzinfo=ZoneInfo(zone))) == f"Tue 3 Mar 2026, 21:40 {said}"
