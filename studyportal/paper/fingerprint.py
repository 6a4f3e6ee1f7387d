"""Give a paper a fingerprint that stands in its own foot.

It is the beginning of the SHA-256 over the file in which the fingerprint's own digits are zeros. So it can be worked
out from any copy of the file, and somebody who holds only the printed page can compare.
"""

import hashlib
import re

DIGITS = 16
BLANK = "fingerprint " + " ".join(["0000"] * 4)
_SHOWN = re.compile(rb"fingerprint ([0-9a-f]{4}(?: [0-9a-f]{4}){3})")


def with_fingerprint(pdf: bytes) -> bytes:
    """The file with its fingerprint where the blanks were."""
    digits = _worked_out(pdf)
    return pdf.replace(BLANK.encode(), f"fingerprint {digits}".encode())


def fingerprint_of(pdf: bytes) -> str:
    """What the foot of this file shows; "" if it is no paper of this kind."""
    found = _SHOWN.search(pdf)
    return found[1].decode() if found else ""


def is_as_printed(pdf: bytes) -> bool:
    """Whether the bytes of a paper, without what was added after it, belong to the fingerprint that it shows."""
    return bool(shown := fingerprint_of(pdf)) and shown == _worked_out(pdf)


def _worked_out(pdf: bytes) -> str:
    blank = _SHOWN.sub(BLANK.encode(), pdf)
    digits = hashlib.sha256(blank).hexdigest()[:DIGITS]
    return " ".join(digits[at : at + 4] for at in range(0, DIGITS, 4))
