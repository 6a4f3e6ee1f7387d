"""Codes of an authenticator app (RFC 6238): six digits, thirty seconds, SHA-1, as every such app has them.

Pure: which code was used already is for `factors` to know.
"""

import re
from datetime import datetime

import pyotp
import segno

SECONDS = 30
DIGITS = re.compile(r"[0-9]{6}")
# One step before and after: RFC 6238, 5.2, for clocks that differ and people who type slowly.
AROUND = (0, -1, 1)


def new_secret() -> str:
    """160 random bits in base 32, the length that RFC 4226 recommends."""
    return pyotp.random_base32()


def step_at(now: datetime) -> int:
    """The number of the thirty seconds in which `now` lies."""
    return int(now.timestamp()) // SECONDS


def code_of(secret: str, step: int) -> str:
    """The six digits of one step."""
    return pyotp.TOTP(secret, interval=SECONDS).at(step * SECONDS)


def read_digits(typed: str) -> str | None:
    """The six digits that somebody typed, with or without a gap; None if it is something else."""
    digits = re.sub(r"[\s-]", "", typed)
    return digits if DIGITS.fullmatch(digits) else None


def step_of(secret: str, digits: str, *, now: datetime) -> int | None:
    """The step around `now` that has this code, or None."""
    fits = [step for step in (step_at(now) + around for around in AROUND) if _is_same(code_of(secret, step), digits)]
    return fits[0] if fits else None


def _is_same(one: str, other: str) -> bool:
    return pyotp.utils.strings_equal(one, other)


def app_address(secret: str, *, name: str, issuer: str) -> str:
    """What an authenticator app reads from the picture (otpauth:)."""
    return pyotp.TOTP(secret, interval=SECONDS).provisioning_uri(name=name, issuer_name=issuer)


def picture(address: str) -> str:
    """The QR code of an address, as a picture that stands in the page itself. Dark on white in the dark dress too."""
    return segno.make(address, error="m", micro=False).svg_data_uri(scale=5, border=4, dark="#000", light="#fff")
