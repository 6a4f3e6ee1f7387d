"""Padding hides the length and has one form only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyportal.errors import CannotOpen
from studyportal.sealing.padding import STEP, pad, unpad


@given(st.binary(max_size=1200))
def test_padding_comes_off_again_and_leaves_a_multiple_of_the_step(plaintext):
    padded = pad(plaintext, size=None)

    assert unpad(padded) == plaintext
    assert len(padded) % STEP == 0 and len(padded) - len(plaintext) < STEP + 4


@given(st.binary(max_size=500), st.integers(1, 255))
def test_a_fill_that_is_not_zeros_is_refused(plaintext, byte):
    padded = bytearray(pad(plaintext + b"!", size=512 if len(plaintext) < 250 else 1024))

    padded[-1] = byte

    with pytest.raises(CannotOpen):
        unpad(bytes(padded))


@pytest.mark.parametrize("padded", [b"", b"\0\0\0", b"\0\0\0\1", b"\xff\xff\xff\xff" + bytes(252)])
def test_a_length_beyond_the_end_is_refused(padded):
    with pytest.raises(CannotOpen):
        unpad(padded)
