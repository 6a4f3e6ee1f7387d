"""Broken and hostile documents get one clear report, in bounded time."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyportal.protocol import ProtocolMistakes, read_protocol
from studyportal.protocol.reading.tree import SIZE
from tests.protocol.documents import document, mistakes_in

BILLION_LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "line", "beginning"),
    [
        (BILLION_LAUGHS, 1, "Anchors (&name) and aliases (*name) are not read."),
        ("study: *other", 1, "Anchors (&name) and aliases"),
        ("study: !!python/object/apply:os.system [ls]", 1, "Tags (!name) are not read."),
        ("study: !secret x", 1, "Tags (!name) are not read."),
        ("%YAML 1.1\n---\nstudy: yes", 2, "Remove the lines that begin with %."),
        ("study: a\n---\nstudy: b", 2, "A second document begins here."),
        ("", 1, "The document is empty."),
        ("# nothing\n", 1, "The document is empty."),
        ("study:\n\tcode: x", 2, "There is a tab here."),
        ("study:\n  title: Pain: a study", 2, "A colon stands inside a text here."),
        ('study:\n  title: "Pain\n  code: x\n', 2, "A quotation mark or bracket opened here is never closed."),
        ("study: [a, b\n\n", 1, "A list or a group in brackets"),
        ("study:\n  code: x\n title: y", 3, "The indentation does not fit"),
        ("study: {[a]: b}", 1, "A name must be a word"),
        ("study: \x07", 1, "There is a character here"),
        ("a\nstudy: \ud800", 2, "There is a character here"),
        ("[" * 100_000, 1, "The document is nested more than 12 levels deep."),
        ("{a: " * 100_000, 1, "The document is nested more than 12 levels deep."),
        ("- " * 10_000, 1, "The document is nested more than 12 levels deep."),
        ("x" * (SIZE + 1), 1, "The document is too large"),
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_its_line(text, line, beginning):
    found = mistakes_in(text)

    assert len(found) == 1
    assert found[0][0] == line
    assert found[0][2].startswith(beginning)


def test_ten_thousand_items_are_one_mistake_in_seconds():
    items = "\n".join(f"i{n}: {{}}" for n in range(10_000))
    began = time.monotonic()

    found = mistakes_in(document(items))

    assert [sentence for *_, sentence in found] == ["There must be from 1 to 300 items here; there are 10000."]
    assert time.monotonic() - began < 10


def test_the_largest_document_takes_seconds():
    text = "study: {" + ", ".join(f"k{n}: [a, b]" for n in range(SIZE // 15)) + "}"
    began = time.monotonic()

    found = mistakes_in(text)

    assert found
    assert time.monotonic() - began < 20


# Pieces of real documents, put together wildly.
pieces = st.sampled_from(
    [
        "study: ",
        "instruments: ",
        "items: ",
        "release: ",
        "keep ",
        "drop ",
        "kind: ",
        "rating ",
        "choices: ",
        "{a: b} ",
        "[1, 2] ",
        "band: ",
        "[ ",
        "{ ",
        "] ",
        "} ",
        ": ",
        "- ",
        "? ",
        "& ",
        "* ",
        "! ",
        "",
        "",
        "> ",
        "' ",
        '" ',
        "% ",
        "@ ",
        "--- ",
        "... ",
        "\n ",
        "\n  ",
        "\n    ",
        "\t ",
        "null ",
        "~ ",
        "012",
    ]
)


@given(st.lists(pieces, max_size=30).map(" ".join) | st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_study_or_a_list_of_mistakes(text):
    try:
        read_protocol(text, name="any")
    except ProtocolMistakes as refusal:
        assert refusal.mistakes
        assert all(mistake.line >= 1 and mistake.sentence for mistake in refusal.mistakes)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_good_document_with_one_stretch_replaced_is_a_study_or_a_list_of_mistakes(data):
    good = document()
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(len(good), start + 40)))
    text = good[:start] + data.draw(pieces | st.text(max_size=10)) + good[end:]

    try:
        read_protocol(text, name="any")
    except ProtocolMistakes as refusal:
        assert refusal.mistakes
