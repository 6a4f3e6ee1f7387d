"""Write the name that somebody gives with their signature as a sealed row, and read one that was opened. Nothing here
opens.

A name is a line of up to 120 characters. The signature covers a commitment to it, so that nobody can test guesses at a
name against what stands in clear. Every sealed name has one size.
"""

import unicodedata
from uuid import UUID

import msgspec

from studyportal.errors import CannotOpen, Invalid
from studyportal.registry.contexts import name_context
from studyportal.saying import said
from studyportal.sealing import PublicKey, seal
from studyportal.sealing.signatures import commitment

LONGEST = 120  # characters
SIZE = 1024  # bytes: 120 characters of four bytes, each escaped at worst, with the blind

NO_NAME = said("Type your full name, as it stands in your passport or on your identity card.")
TOO_LONG = said(
    "A name has at most %(longest)s characters here. Leave out what is not needed to know who you are.", longest=LONGEST
)
UNREADABLE = said("This name holds characters that cannot be printed. Type it again.")


class _Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    blind: bytes

    def __repr__(self) -> str:
        return "_Body(...)"


def read_name(typed: str) -> str:
    """The name that was meant, blanks once and none around it. Raises `Invalid` at the field "name"."""
    name = " ".join(typed.split())
    for unfit, sentence in (
        (not name, NO_NAME),
        (len(name) > LONGEST, TOO_LONG),
        (any(unicodedata.category(one) in ("Cc", "Cf", "Cs", "Co", "Cn") for one in name), UNREADABLE),
    ):
        if unfit:
            raise Invalid("The consent is not complete.", {"name": sentence})
    return name


def name_commitment(name: str, blind: bytes) -> bytes:
    """What the signature covers of a name; `blind` are 32 random bytes."""
    return commitment(blind, b"consent name\n" + name.encode())


def sealed_name(name: str, blind: bytes, *, enrolment: UUID, consent: UUID, to: PublicKey, study: str) -> bytes:
    """The name with its blind, sealed to the enrolment's consent key."""
    body = msgspec.json.encode(_Body(name, blind))
    return seal(body, to=to, about=name_context(study, enrolment, consent), size=SIZE)


def name_inside(opened: bytes, committed: bytes) -> str:
    """The name of an opened row. Raises `CannotOpen` for anything but the one that was `committed` to."""
    try:
        body = msgspec.json.decode(opened, type=_Body)
        if name_commitment(body.name, body.blind) == committed:
            return body.name
    except (msgspec.MsgspecError, Invalid):
        pass
    raise CannotOpen
