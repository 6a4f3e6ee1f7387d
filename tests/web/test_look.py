"""The look keeps its promises: contrast in both schemes, no words in styles, nothing inline in any template of any
room."""

import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "studyportal"
STYLE = (PACKAGE / "web" / "static" / "portal.css").read_text()
ROOMS = ("intake", "clinic", "custody", "research")

# Ink on ground; WCAG 2.2, 1.4.3 asks 4.5:1 of text, 1.4.11 asks 3:1 of the edge of a control.
TEXT = [
    *[(ink, ground) for ink in ("ink", "muted", "room", "room-strong", "urgent") for ground in ("paper", "wash")],
    *[("room-ink", "room"), ("room-ink", "room-strong"), ("room", "room-wash"), ("room-strong", "room-wash")],
    *[("ink", "room-wash"), ("urgent-ink", "urgent"), ("urgent-ink", "urgent-strong")],
    *[(kind, f"{kind}-wash") for kind in ("good", "attention", "urgent")],
]
EDGES = [("edge", "paper"), ("edge", "wash"), ("room", "paper"), ("ink", "paper")]


def _tokens(scheme: str, room: str) -> dict[str, str]:
    light, dark = STYLE.split("@media (prefers-color-scheme: dark)", 1)
    blocks = [light] if scheme == "light" else [light, dark.split("/* ──", 1)[0]]
    found: dict[str, str] = {}
    for block in blocks:
        for selector in (r":root", rf':root\[data-room="{room}"\]'):
            for body in re.findall(rf"{selector} \{{(.*?)\}}", block, re.DOTALL):
                found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", body))
    return found


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("room", ROOMS)
def test_every_pair_can_be_read(scheme: str, room: str) -> None:
    tokens = _tokens(scheme, room)

    weak = {pair: _contrast(*map(tokens.__getitem__, pair)) for pair in TEXT}

    assert {pair: found for pair, found in weak.items() if found < 4.5} == {}
    assert {pair: found for pair in EDGES if (found := _contrast(*map(tokens.__getitem__, pair))) < 3} == {}


def test_every_room_has_an_accent_of_its_own() -> None:
    for scheme in ("light", "dark"):
        assert len({_tokens(scheme, room)["room"] for room in ROOMS}) == len(ROOMS)


INLINE = re.compile(r"\sstyle=|\son\w+=\"|<style|javascript:|<script(?![^>]*\ssrc=)|https?://", re.IGNORECASE)


@pytest.mark.parametrize("template", sorted(PACKAGE.rglob("templates/**/*.html")), ids=lambda path: path.name)
def test_a_template_has_nothing_inline_and_nothing_from_elsewhere(template: Path) -> None:
    found = INLINE.findall(template.read_text())

    assert found == []


@pytest.mark.parametrize("template", sorted(PACKAGE.rglob("templates/**/*.html")), ids=lambda path: path.name)
def test_a_form_that_changes_something_has_its_token(template: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", template.read_text(), flags=re.DOTALL)

    forms = re.findall(r"<form method=\"post\".*?</form>", text, re.DOTALL)

    for form in forms:
        assert re.search(r"token\(\)|csrf_token|hidden_tag", form), form[:120]


def test_the_sheets_fetch_nothing_from_elsewhere() -> None:
    assert re.findall(r"@import|url\((?!\"data:)", STYLE) == []


# What a style puts on a page with letters in it; the codebook is printed in English alone.
SPOKEN = re.compile(r"(?<![-\w])content:[^;}]*?[\"']([^\"';}]*[A-Za-z][^\"';}]*)[\"']")


@pytest.mark.parametrize("sheet", sorted(PACKAGE.rglob("static/**/*.css")), ids=lambda path: path.name)
def test_a_style_puts_no_words_on_a_page_since_it_knows_no_language(sheet: Path) -> None:
    spoken = SPOKEN.findall(sheet.read_text())

    assert spoken == ([" of "] if sheet.name == "codebook.css" else [])
