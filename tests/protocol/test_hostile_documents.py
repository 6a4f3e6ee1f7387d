"""Broken and hostile documents get one clear report, in bounded time."""

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


def test_ten_thousand_items_are_one_mistake():
    items = "\n".join(f"i{n}: {{}}" for n in range(10_000))

    found = mistakes_in(document(items))

    assert [sentence for *_, sentence in found] == ["There must be from 1 to 300 items here; there are 10000."]


# Bounded time: each of these would be a matter of years if something in it were tried out or followed in full.
@pytest.mark.timeout(120)
def test_the_largest_document_is_read_to_its_end():
    text = "study: {" + ", ".join(f"k{n}: [a, b]" for n in range(SIZE // 15)) + "}"

    assert mistakes_in(text)


CHOICE = "{ask: It?, kind: choice, choices: {a: A, b: B, c: C, d: D}, release: keep}"
TWELVE = [f"c{n}: {CHOICE}" for n in range(12)]
TANGLED = " or ".join(f"(c{n} != c{(n + 1) % 12} and c{n} == c{(n + 5) % 12})" for n in range(12))
IN_A_CIRCLE = " + ".join(f"x{n}" for n in range(200))


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("items", "mistakes"),
    [
        # Conditions over 4^12 combinations of answers.
        ([*TWELVE, *(f"x{n}: {{ask: It?, kind: yes_no, when: {TANGLED}, release: keep}}" for n in range(280))], 0),
        # Each question asked because of the one before.
        (
            [
                f"x{n}: {{ask: It?, kind: yes_no, {f'when: x{n - 1} == yes, ' if n else ''}release: keep}}"
                for n in range(300)
            ],
            0,
        ),
        # Numbers of which each needs all.
        (
            [
                f"x{n}: {{ask: It?, kind: computed, formula: {IN_A_CIRCLE}, minimum: 0, maximum: 9, release: keep}}"
                for n in range(200)
            ],
            200,
        ),
        (["x: {ask: It?, kind: yes_no, when: " + "(" * 400 + "x" + ")" * 400 + ", release: keep}"], 1),
        (["x: {ask: It?, kind: yes_no, when: " + "not " * 240 + "x, release: keep}"], 1),
        (["x: {ask: It?, kind: yes_no, when: " + "y == yes or " * 20_000 + "y == yes, release: keep}"], 1),
        (["x: {ask: It?, kind: group, at_most: 3, release: drop, items: " + "{y: {kind: group, items: " * 3 + "{}" + "}}" * 3 + "}"], 1),
    ],
    ids=["tangled", "chained", "circles", "brackets", "not", "long", "groups in groups"],
)  # fmt: skip
def test_questions_that_hang_together_in_wild_ways_are_read_to_their_end(items, mistakes):
    found = mistakes_in(document("\n".join(items)))

    assert (len(found) > 0) == (mistakes > 0)
    assert len(found) <= 200


@pytest.mark.parametrize(
    "text",
    [
        "languages: {en: {en: {en: en}}}",
        "languages: [" + "en, " * 1000 + "en]",
        document().replace("Were you calm?", "{en: {en: {en: Calm}}}"),
        document().replace("Were you calm?", "{" + ", ".join(f"l{n}: Calm" for n in range(500)) + "}"),
        document() + "alerts: {" + ", ".join(f"a{n}: {{}}" for n in range(5000)) + "}",
        document() + "contacts: {" + ", ".join(f"C{n}: []" for n in range(5000)) + "}",
        document() + "monitoring: {zone: ../../etc/passwd, hours: {mon-sun: 00:00-00:00}}",
        document() + "monitoring: {zone: [" + "a, " * 100 + "a], hours: {}}",
    ],
)
def test_every_part_refuses_what_it_does_not_know(text):
    assert mistakes_in(text)


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
        "when: ",
        "it == yes ",
        "formula: ",
        "missing: ",
        "not_said ",
        "alerts: ",
        "languages: ",
        "{en: x} ",
        "group ",
        "score: ",
        "schedule: ",
        "after: ",
        "monitoring: ",
        "eligibility: ",
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
