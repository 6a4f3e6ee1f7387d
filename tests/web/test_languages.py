"""A visitor gets the pages' words in the language of the study's, and styles do not know left from right."""

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from werkzeug.datastructures import LanguageAccept

from studyportal.saying import said, said_of
from studyportal.web.languages import choose, direction, known_languages, own_name
from tests.web import conftest
from tests.web.conftest import Room

PACKAGE = Path(__file__).parents[2] / "studyportal"


@pytest.mark.parametrize(
    ("wanted", "chosen", "study", "got"),
    [
        ([("de", 1), ("en", 0.5)], None, ["en", "de"], "de"),
        ([("de-AT", 1), ("en", 0.5)], None, ["en", "de"], "de"),
        ([("fr", 1)], None, ["en", "de"], "en"),
        ([("fr", 1), ("de", 0.5)], None, ["en", "fr", "de"], "de"),  # the pages' own words are not in French
        ([("fr", 1)], None, ["en", "fr"], "fr"),  # better the study's words than none
        ([("de", 1)], "en", ["en", "de"], "en"),
        ([("de", 1)], "tlh", ["en", "de"], "de"),  # a cookie that nobody of ours has written
        ([("de", 1)], None, ["fr"], "fr"),
        ([], None, ["de", "en"], "de"),
    ],
)
def test_which_language_a_visitor_gets(wanted: Any, chosen: str | None, study: list[str], got: str) -> None:
    assert choose(LanguageAccept(wanted), chosen=chosen, study=study, words=("de", "en")) == got


def test_english_needs_no_catalogue_and_german_has_one() -> None:
    assert known_languages()[0] == "en"
    assert "de" in known_languages()
    assert (own_name("de"), direction("de"), direction("ar"), direction("zz")) == ("Deutsch", "ltr", "rtl", "ltr")


def test_a_sentence_is_english_text_that_remembers_how_it_was_made() -> None:
    nested = said("%(much)s left", much=said_of(2, "%(num)d day", "%(num)d days"))

    assert nested == "2 days left"
    assert (nested.template, nested.values["much"].many) == ("%(much)s left", "%(num)d days")
    assert said(nested) is nested
    assert (said("At most %(max)d") % {"max": 3}).template == "At most %(max)d"


PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right)[\w-]*|left|right)\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)"
)
FOUR = re.compile(r"(?<![\w-])(?:margin|padding|inset|border-width|border-radius)\s*:\s*([^;{}]+)")
# Where a side is meant and not a beginning or an end.
ALLOWED = {
    ("codebook.css", "@bottom-right"): "a corner of a printed page",
}


@pytest.mark.parametrize("sheet", sorted(PACKAGE.rglob("static/*.css")), ids=lambda path: path.name)
def test_a_sheet_says_start_and_end_and_not_left_and_right(sheet: Path) -> None:
    rules = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    for name, words in ALLOWED:
        rules = rules.replace(words, "") if name == sheet.name else rules

    sides = [values.split() for values in FOUR.findall(re.sub(r"\([^()]*\)", "()", re.sub(r"\([^()]*\)", "", rules)))]

    assert PHYSICAL.findall(rules) == []
    assert [values for values in sides if len(values) == 4 and values[1] != values[3]] == []


def test_a_room_of_staff_speaks_english_whatever_the_study_and_the_browser_do(
    monkeypatch: pytest.MonkeyPatch, make: Callable[..., Room]
) -> None:
    monkeypatch.setattr(conftest, "PROTOCOL", SimpleNamespace(language="de", study=conftest.PROTOCOL.study))

    page = make().client().get("/sign-in", headers={"Accept-Language": "de"}).text

    assert '<html lang="en" dir="ltr"' in page
    assert '<span class="study" lang="de">' in page
    assert "Go to the main part" in page
