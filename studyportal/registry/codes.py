"""Make, recognise and claim the codes that people carry on paper: enrolment codes and participant codes.

Crockford's base 32 leaves out I, L, O and U, and reads what people write instead of them. An enrolment code is a
secret of 60 bits and is kept as a hash only; a participant code is a name that says nothing and opens nothing.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

import sqlalchemy as sa

from studyportal.registry.tables import ENROLMENT_CODES

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # crockford.com/base32.html
GROUPS, GROUP = 3, 4
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
_SITE = 6  # characters of a site's id that a participant code begins with


class Chance(Protocol):
    """What picks the characters: `secrets`, or a seeded `random.Random` in a demonstration."""

    def choice(self, options: Sequence[str], /) -> str: ...


def _group(rng: Chance) -> str:
    return "".join(rng.choice(ALPHABET) for _ in range(GROUP))


def new_enrolment_code(rng: Chance) -> str:
    """A code to be handed to one person, such as "K7QM-2V9D-4HXT"."""
    return "-".join(_group(rng) for _ in range(GROUPS))


def new_participant_code(site: str, rng: Chance) -> str:
    """What a participant is called at their site, such as "NS-4F7K-91QD"; at most 16 characters."""
    return f"{_plain(site)[:_SITE]}-{_group(rng)}-{_group(rng)}"


def _plain(text: str) -> str:
    return "".join(letter for letter in text.upper() if letter.isascii() and letter.isalnum())


def read_enrolment_code(typed: str) -> str | None:
    """The code as it was printed, whatever spaces, hyphens and case were typed; None if it cannot be one."""
    plain = _plain(typed[:64]).translate(_MISREAD)
    if len(plain) != GROUPS * GROUP:
        return None
    return "-".join(plain[at : at + GROUP] for at in range(0, len(plain), GROUP))


def read_participant_code(typed: str) -> str | None:
    """The participant code meant by what was typed; None if it cannot be one."""
    plain = _plain(typed[:64])
    site, number = plain[: -2 * GROUP], plain[-2 * GROUP :].translate(_MISREAD)
    if not 1 <= len(site) <= _SITE:
        return None
    return f"{site}-{number[:GROUP]}-{number[GROUP:]}"


def code_hash(code: str) -> bytes:
    """What the registry keeps of an enrolment code (in its printed form): 32 bytes of SHA-256."""
    return hashlib.sha256(b"studyportal enrolment code 1:" + code.encode()).digest()


def issued_code(connection: sa.Connection, code: str) -> sa.Row | None:
    """The row (site, expires_at, claimed_at) of an enrolment code in its printed form, or None."""
    codes = ENROLMENT_CODES.c
    query = sa.select(codes.site, codes.expires_at, codes.claimed_at)
    return connection.execute(query.where(codes.code_hash == code_hash(code))).first()


def claim_code(connection: sa.Connection, code: str, enrolment: UUID, *, now: datetime) -> bool:
    """Give the code to this enrolment; False when it was claimed, has expired or does not exist.

    One conditional update: of two who claim at once, one gets it.
    """
    codes = ENROLMENT_CODES.c
    claimed = connection.execute(
        sa.update(ENROLMENT_CODES)
        .where(codes.code_hash == code_hash(code), codes.claimed_at.is_(None), codes.expires_at > now)
        .values(claimed_at=now, enrolment=enrolment)
    )
    return claimed.rowcount == 1
