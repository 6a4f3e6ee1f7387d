"""Every character can be printed, or a mark says what was there."""

import pytest

from studyportal.paper import Prose, printed
from studyportal.paper.glyphs import printable
from tests.paper.cast import paper, texts

MARKS = [
    ("plain", "plain"),
    ("Łukasz, Ωμέγα, Жук, ½ ≥ 5 °C – “ok”…", "Łukasz, Ωμέγα, Жук, ½ ≥ 5 °C – “ok”…"),
    ("good 😀", "good [grinning face]"),
    ("👩🏽‍🦰", "[woman]"),
    ("❤️", "[heavy black heart]"),
    ("שלום עולם", "[8 Hebrew letters]"),
    ("he said שלום and left", "he said [4 Hebrew letters] and left"),
    ("مرحبا", "[5 Arabic letters]"),
    ("漢字", "[2 Chinese letters]"),
    ("user\u202egnp.exe", "usergnp.exe"),
    ("a\u200b\u0000\u0007b", "ab"),
    ("one\r\ntwo\u2028three\tfour", "one\ntwo\nthree four"),
    ("e\u0301", "é"),
    ("\ue000", "[private sign]"),
    ("\ud800", ""),
]


@pytest.mark.parametrize(("text", "mark"), MARKS)
def test_a_character_without_a_letter_becomes_a_readable_mark(text, mark):
    assert printable(text) == mark


def test_the_marks_stand_on_the_page():
    (page,) = texts(printed(paper(), [Prose("\n".join(text for text, _ in MARKS[:6]))]))

    assert "good [grinning face]" in page
    assert "Ωμέγα, Жук" in page
