"""What was sealed opens with its own key, as what it is, unchanged; otherwise not at all."""

import dataclasses
import traceback

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyportal.errors import CannotOpen, Invalid, TooLarge
from studyportal.sealing import ON_DEMAND_SIZE, Context, Pair, PublicKey, ReadingKey, new_pair, seal, seal_to_reader
from studyportal.sealing.header import HEADER_SIZE, SUITES
from studyportal.sealing.opening import Opener, unseal, unseal_as_reader
from studyportal.sealing.passphrase import derive

SALT = bytes(range(16))
CANARY = b"pain nine of ten"


@pytest.fixture(scope="module")
def participant():
    """What a participant's passphrase yields."""
    return derive("correct horse battery staple yellow door", salt=SALT)


def refused(opener: Opener, sealed: bytes, about: Context) -> bool:
    """Whether it stays shut, with the one sentence that every failure has."""
    try:
        opener.unseal(sealed, about=about)
    except CannotOpen as refusal:
        return refusal.sentence == CannotOpen().sentence
    return False


@given(st.binary(max_size=1500))
@settings(deadline=None)
def test_what_is_sealed_comes_back_unchanged(diary, tuesday, plaintext):
    sealed = seal(plaintext, to=diary.public, about=tuesday)

    opened = unseal(sealed, seed=diary.seed, about=tuesday)

    assert opened == plaintext


@given(st.binary(max_size=600))
@settings(deadline=None)
def test_what_is_sealed_to_a_reader_comes_back_unchanged(participant, tuesday, plaintext):
    sealed = seal_to_reader(plaintext, to=participant.reading_public, about=tuesday)

    opened = unseal_as_reader(sealed, reading_key=participant.reading_key, about=tuesday)

    assert opened == plaintext


def test_every_single_bit_flip_of_a_sealed_entry_is_refused(diary, tuesday):
    sealed = seal(CANARY, to=diary.public, about=tuesday)
    opener = Opener(diary.seed)

    opened = [
        bit
        for bit in range(len(sealed) * 8)
        if not refused(opener, flipped(sealed, bit), tuesday)
    ]  # fmt: skip

    assert opened == []


def flipped(sealed: bytes, bit: int) -> bytes:
    changed = bytearray(sealed)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_every_single_bit_flip_of_a_record_for_a_reader_is_refused(participant, tuesday):
    sealed = seal_to_reader(CANARY, to=participant.reading_public, about=tuesday)

    for bit in range(len(sealed) * 8):
        with pytest.raises(CannotOpen):
            unseal_as_reader(flipped(sealed, bit), reading_key=participant.reading_key, about=tuesday)


def test_every_truncation_and_every_added_byte_is_refused(diary, tuesday):
    sealed = seal(CANARY, to=diary.public, about=tuesday)
    opener = Opener(diary.seed)

    variants = [sealed[:length] for length in range(len(sealed))] + [sealed + bytes((byte,)) for byte in range(256)]

    assert all(refused(opener, variant, tuesday) for variant in variants)


@pytest.mark.parametrize(
    "swapped",
    [
        {"study": "MCP-2"},
        {"enrolment": "e-18"},
        {"kind": "note"},
        {"id": "wednesday"},
        {"revision": 2},
        {"study": "MCP-1e", "enrolment": "-17"},
        {"enrolment": "tuesday", "id": "e-17"},
    ],
    ids=str,
)
def test_a_record_put_into_another_place_stays_shut(diary, tuesday, swapped):
    sealed = seal(CANARY, to=diary.public, about=tuesday)

    elsewhere = dataclasses.replace(tuesday, **swapped)

    assert refused(Opener(diary.seed), sealed, elsewhere)


contexts = st.builds(Context, *[st.text("ab-", min_size=1, max_size=3)] * 4, st.integers(1, 3))


@given(contexts, contexts)
@settings(deadline=None)
def test_a_record_opens_as_what_it_was_sealed_as_and_as_nothing_else(diary, sealed_as, opened_as):
    sealed = seal(CANARY, to=diary.public, about=sealed_as)

    shut = refused(Opener(diary.seed), sealed, opened_as)

    assert shut == (sealed_as != opened_as)


def test_nobody_else_opens_it(diary, somebody_else, tuesday):
    sealed = seal(CANARY, to=diary.public, about=tuesday)

    assert refused(Opener(somebody_else.seed), sealed, tuesday)


def test_no_key_is_tried_when_the_record_names_another(diary, somebody_else, tuesday):
    sealed = seal(CANARY, to=diary.public, about=tuesday)

    renamed = sealed[:6] + somebody_else.public.id + sealed[HEADER_SIZE:]

    assert refused(Opener(diary.seed), renamed, tuesday)
    assert refused(Opener(somebody_else.seed), renamed, tuesday)


@pytest.mark.parametrize("place, value", [(0, 0x88), (4, 0), (4, 2), (4, 255), (5, 0), (5, len(SUITES) + 1), (5, 255)])
def test_an_unknown_magic_version_or_suite_fails_closed(diary, tuesday, place, value):
    sealed = bytearray(seal(CANARY, to=diary.public, about=tuesday))

    sealed[place] = value

    assert refused(Opener(diary.seed), bytes(sealed), tuesday)


@pytest.mark.parametrize("suite", SUITES)
def test_a_record_passes_for_no_other_suite(diary, tuesday, suite):
    sealed = bytearray(seal(CANARY, to=diary.public, about=tuesday))

    genuine = sealed[5] == suite
    sealed[5] = suite

    assert refused(Opener(diary.seed), bytes(sealed), tuesday) != genuine


def test_the_sealed_size_is_the_same_for_all_lengths_that_share_a_step(diary, tuesday):
    sizes = [len(seal(bytes(length), to=diary.public, about=tuesday)) for length in range(765)]

    assert sizes[:253] == [256 + 1150] * 253
    assert sizes[253:509] == [512 + 1150] * 256
    assert sizes[509:765] == [768 + 1150] * 256


def test_on_demand_entries_of_every_length_have_one_size(diary, tuesday):
    lengths = (0, 1, 252, 253, 4000, ON_DEMAND_SIZE - 4)

    sealed = [seal(bytes(length), to=diary.public, about=tuesday, size=ON_DEMAND_SIZE) for length in lengths]

    assert len({len(record) for record in sealed}) == 1
    assert [len(unseal(record, seed=diary.seed, about=tuesday)) for record in sealed] == list(lengths)


def test_an_on_demand_entry_that_does_not_fit_is_refused_and_not_sealed_larger(diary, tuesday):
    with pytest.raises(TooLarge):
        seal(bytes(ON_DEMAND_SIZE - 3), to=diary.public, about=tuesday, size=ON_DEMAND_SIZE)


def test_one_plaintext_sealed_twice_looks_different(diary, tuesday):
    one, other = (seal(CANARY, to=diary.public, about=tuesday) for _ in range(2))

    assert one[HEADER_SIZE:] != other[HEADER_SIZE:]


@pytest.mark.parametrize("raw", [b"", b"x", bytes(1215), bytes(1217), b"\xff" * 1216, None, "x" * 1216])
def test_what_is_no_public_key_is_refused_at_the_door(raw):
    with pytest.raises(Invalid):
        PublicKey(raw)


def test_a_public_key_of_small_order_is_not_sealed_to(diary, tuesday):
    hollow = PublicKey(diary.public.raw[:1184] + bytes(32))

    with pytest.raises(Invalid):
        seal(CANARY, to=hollow, about=tuesday)


def test_a_reading_key_of_small_order_is_not_sealed_to(tuesday):
    with pytest.raises(Invalid):
        seal_to_reader(CANARY, to=ReadingKey(bytes(32)), about=tuesday)


@pytest.mark.parametrize("raw", [b"", bytes(31), bytes(33), None])
def test_what_is_no_reading_key_is_refused_at_the_door(raw):
    with pytest.raises(Invalid):
        ReadingKey(raw)


@pytest.mark.parametrize("seed", [b"", bytes(95), bytes(97), None, "x" * 96])
def test_what_is_no_seed_opens_nothing(seed):
    with pytest.raises(CannotOpen):
        Opener(seed)


def test_pairs_are_made_afresh():
    pairs = [new_pair() for _ in range(3)]

    assert len({pair.seed for pair in pairs}) == len({pair.public.id for pair in pairs}) == 3
    assert all(len(pair.seed) == 96 and len(pair.public.raw) == 1216 for pair in pairs)


def test_nothing_that_prints_shows_a_key(diary: Pair, participant):
    opener = Opener(diary.seed)

    shown = " ".join(map(repr, [diary, diary.public, opener, opener.unseal, participant]))

    for secret in (diary.seed, diary.seed[64:], participant.reading_key, participant.consent_key, participant.verifier):
        assert repr(secret)[2:-1] not in shown and secret.hex() not in shown


def test_a_refusal_carries_neither_key_nor_plaintext(diary, somebody_else, tuesday):
    sealed = flipped(seal(CANARY, to=diary.public, about=tuesday), 8 * 1300)

    with pytest.raises(CannotOpen) as refusal:
        unseal(sealed, seed=diary.seed, about=tuesday)

    told = "".join(traceback.format_exception(refusal.value)) + repr(refusal.value.args)
    assert refusal.value.__cause__ is None and refusal.value.__suppress_context__
    assert CANARY.decode() not in told and tuesday.enrolment not in told and diary.seed.hex() not in told


def test_an_opener_does_not_travel(diary):
    import pickle

    with pytest.raises(TypeError):
        pickle.dumps(Opener(diary.seed))
