"""The list of marked texts is whole, and every translation fits its text."""

import re
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from studyportal.web.languages import known_languages

ROOT = Path(__file__).parents[2]
CATALOGUES = ROOT / "studyportal" / "web" / "catalogues"
OTHERS = [language for language in known_languages() if language != "en"]


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def messages(path: Path) -> list[Message]:
    return [message for message in catalogue(path) if message.id]


def texts(path: Path) -> set[object]:
    return {message.id for message in messages(path)}


def test_the_list_of_texts_is_what_the_source_marks(tmp_path: Path) -> None:
    (command,) = re.findall(r"^pybabel extract (.*)$", (ROOT / "docs" / "languages.md").read_text(), re.MULTILINE)
    renewed = tmp_path / "messages.pot"
    words = [str(renewed) if word.endswith("messages.pot") else word for word in shlex.split(command)]

    run = subprocess.run(
        [sys.executable, "-m", "babel.messages.frontend", "extract", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    # A text with values in an f-string cannot be marked: said("... %(name)s ...", name=name).
    assert [line for line in run.stderr.splitlines() if "warning" in line] == []
    # Else renew it with the two commands of docs/languages.md.
    assert texts(CATALOGUES / "messages.pot") ^ texts(renewed) == set()


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_has_every_text_and_no_other(language: str) -> None:
    held = texts(CATALOGUES / language / "LC_MESSAGES" / "messages.po")

    assert held ^ texts(CATALOGUES / "messages.pot") == set()


def test_german_says_every_text() -> None:
    found = messages(CATALOGUES / "de" / "LC_MESSAGES" / "messages.po")

    assert [one.id for one in found if not all(one.string if isinstance(one.string, tuple) else (one.string,))] == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_values_and_tags_of_its_text(language: str) -> None:
    found = messages(CATALOGUES / language / "LC_MESSAGES" / "messages.po")

    assert [f"{one.id} → {form}" for one in found for form in unfit(one)] == []
    assert [one.id for one in found if one.fuzzy] == []


def unfit(message: Message) -> Iterator[str]:
    """The translations that lack a value or a tag of the text, or have one too many."""
    sources = message.id if isinstance(message.id, tuple) else (message.id,)
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    for form in forms if any(forms) else ():
        if parts(form) != parts(sources[-1]) and parts(form) != parts(sources[0]):
            yield form


def parts(text: str) -> Counter[str]:
    return Counter(re.findall(r"%\(\w+\)[sd]|%%|</?\w+[^>]*>", text))
