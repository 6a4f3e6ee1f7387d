"""A signature belongs to one label and one message; a commitment to one blind and one body."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyportal.errors import CannotOpen, Invalid
from studyportal.sealing.signatures import Signer, commitment, public_of, sign, verify

CUSTODIAN, RESEARCHER = bytes(range(32)), bytes(32)
MESSAGE = b"snapshot 3"
blinds = st.binary(min_size=32, max_size=32)


@given(st.text("ab ", max_size=4), st.binary(max_size=40))
def test_what_is_signed_can_be_verified(label, message):
    signature = sign(label, message, key=CUSTODIAN)

    verify(label, message, signature, public=public_of(CUSTODIAN))

    assert len(signature) == 64 and Signer(CUSTODIAN).sign(label, message) == signature


@given(st.text("ab", max_size=3), st.text("ab", max_size=3), st.binary(max_size=3), st.binary(max_size=3))
def test_a_signature_holds_for_its_own_label_and_message_only(label, other_label, message, other_message):
    signature = sign(label, message, key=CUSTODIAN)

    if (label, message) != (other_label, other_message):
        with pytest.raises(CannotOpen, match="signature"):
            verify(other_label, other_message, signature, public=public_of(CUSTODIAN))


def test_text_moved_from_the_message_into_the_label_is_refused():
    signature = sign("receipt", b"s-and-more", key=CUSTODIAN)

    with pytest.raises(CannotOpen):
        verify("receipts", b"-and-more", signature, public=public_of(CUSTODIAN))


def test_every_bit_flip_of_a_signature_is_refused():
    signature = sign("snapshot", MESSAGE, key=CUSTODIAN)

    for bit in range(len(signature) * 8):
        changed = bytearray(signature)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CannotOpen):
            verify("snapshot", MESSAGE, bytes(changed), public=public_of(CUSTODIAN))


def test_somebody_else_cannot_sign_for_the_custodian():
    forged = sign("snapshot", MESSAGE, key=RESEARCHER)

    with pytest.raises(CannotOpen):
        verify("snapshot", MESSAGE, forged, public=public_of(CUSTODIAN))


@pytest.mark.parametrize("signature", [b"", bytes(63), bytes(64), bytes(65), None])
@pytest.mark.parametrize("public", [b"", bytes(31), public_of(CUSTODIAN), None])
def test_what_is_no_signature_or_key_is_refused_in_the_same_words(signature, public):
    with pytest.raises(CannotOpen, match="^This signature does not belong to this text.$"):
        verify("snapshot", MESSAGE, signature, public=public)


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33), None])
def test_what_is_no_signing_key_signs_nothing(key):
    for use in (lambda: sign("snapshot", MESSAGE, key=key), lambda: public_of(key), lambda: Signer(key)):
        with pytest.raises(Invalid):
            use()


def test_a_signer_does_not_print_its_key():
    signer = Signer(CUSTODIAN)

    shown = repr(signer) + repr(signer.sign)

    assert CUSTODIAN.hex() not in shown and repr(CUSTODIAN)[2:-1] not in shown


@given(blinds, st.binary(max_size=60), blinds, st.binary(max_size=60))
def test_two_commitments_are_equal_only_for_one_blind_and_one_body(blind, body, other_blind, other_body):
    same = commitment(blind, body) == commitment(other_blind, other_body)

    assert same == ((blind, body) == (other_blind, other_body))


@given(blinds, st.binary(min_size=1, max_size=20))
def test_moving_a_byte_between_blind_and_body_is_no_way_around(blind, body):
    with pytest.raises(Invalid):
        commitment(blind + body[:1], body[1:])


@given(blinds, st.binary(max_size=60))
def test_a_commitment_is_bound_to_its_label(blind, body):
    without_label = hashlib.sha256(blind + body).digest()

    label = b"studyportal commitment 1"
    parts = b"".join(len(part).to_bytes(4, "big") + part for part in (label, blind, body))

    assert commitment(blind, body) != without_label
    assert commitment(blind, body) == hashlib.sha256(parts).digest()
