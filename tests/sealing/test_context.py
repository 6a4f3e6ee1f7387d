"""Two different things never share the bytes that are bound to a seal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyportal.errors import Invalid
from studyportal.sealing import Context
from studyportal.sealing.context import framed

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
contexts = st.builds(Context, names, names, names, names, st.integers(1, 2**63 - 1))


def parsed(canonical: bytes) -> list[bytes]:
    """An independent reading of the encoding; that it exists is why the encoding is injective."""
    parts = []
    while canonical:
        length = int.from_bytes(canonical[:4], "big")
        assert length <= len(canonical) - 4
        parts.append(canonical[4 : 4 + length])
        canonical = canonical[4 + length :]
    return parts


@given(contexts)
def test_a_context_can_be_read_back_from_its_bytes(context):
    canonical = context.canonical

    label, *named, revision = parsed(canonical)

    assert label == b"studyportal context 1"
    assert Context(*(part.decode() for part in named), int.from_bytes(revision, "big")) == context


@given(contexts, contexts)
def test_two_contexts_share_their_bytes_only_when_they_are_one(one, other):
    assert (one.canonical == other.canonical) == (one == other)


@given(names, names, names, names)
def test_moving_text_over_the_border_between_two_fields_changes_the_bytes(study, enrolment, kind, moved):
    left = Context(study + moved, enrolment, kind, "id").canonical

    right = Context(study, moved + enrolment, kind, "id").canonical

    assert left != right


@given(st.lists(st.binary(max_size=6), max_size=5), st.lists(st.binary(max_size=6), max_size=5))
def test_framed_parts_can_be_told_apart(some, others):
    assert (framed(*some) == framed(*others)) == (some == others)


def test_two_spellings_of_one_letter_are_two_contexts():
    composed, decomposed = "Zo\u00eb", "Zoe\u0308"

    contexts = {Context("s", composed, "entry", "1").canonical, Context("s", decomposed, "entry", "1").canonical}

    assert len(contexts) == 2


@pytest.mark.parametrize(
    "fields",
    [
        ("", "e", "k", "i"),
        ("s", "", "k", "i"),
        ("s", "e", "", "i"),
        ("s", "e", "k", ""),
        ("s", "e", "k", b"i"),
        ("s", "e", "k", None),
        ("s", "e", "k", "\ud800"),
        ("s", "e", "k", "i", 0),
        ("s", "e", "k", "i", -1),
        ("s", "e", "k", "i", True),
        ("s", "e", "k", "i", 1.0),
        ("s", "e", "k", "i", 2**63),
    ],
)
def test_a_context_with_a_missing_or_odd_part_cannot_be_made(fields):
    with pytest.raises(Invalid):
        Context(*fields)
