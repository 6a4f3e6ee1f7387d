"""Hide how much somebody wrote: every plaintext grows to a multiple of 256 bytes before it is sealed.

A long note and a short one then look alike in the database. Padding is checked when it is taken off again, so a
plaintext has one padded form only.
"""

from studyportal import errors

STEP = 256
ON_DEMAND_SIZE = 4096  # one size for dose, follow-up and adverse event, so that the size does not tell which it was
_LENGTH = 4


def pad(plaintext: bytes, *, size: int | None) -> bytes:
    """`plaintext` behind its four-byte length, filled with zeros to the next multiple of 256 or to exactly `size`
    bytes.

    Raises errors.TooLarge when it does not fit into `size` (at most size - 4 bytes do).
    """
    used = _LENGTH + len(plaintext)
    target = -(-used // STEP) * STEP if size is None else size
    if used > target:
        raise errors.TooLarge("This is longer than can be kept in one entry.")
    return len(plaintext).to_bytes(_LENGTH, "big") + plaintext + bytes(target - used)


def on_demand_size(plaintext: bytes) -> int:
    """The size of an on-demand entry, or as many times that as it takes."""
    return -(-(_LENGTH + len(plaintext)) // ON_DEMAND_SIZE) * ON_DEMAND_SIZE


def unpad(padded: bytes) -> bytes:
    """The plaintext inside `padded`. Raises errors.CannotOpen when the length or the fill is not as `pad` writes it."""
    end = _LENGTH + int.from_bytes(padded[:_LENGTH], "big")
    if padded.count(0, end) != len(padded) - end:  # which also refuses an end beyond the end: no count is negative
        raise errors.CannotOpen
    return padded[_LENGTH:end]
