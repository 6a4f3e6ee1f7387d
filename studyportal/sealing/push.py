"""Seal a web push to one browser (RFC 8291), and show its push service who sends it (VAPID, RFC 8292).

The push service carries what it cannot read. Neither direction invents anything: http-ece seals, py-vapid signs.
"""

import base64
import binascii
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from studyportal import errors

KEY_SIZE, _PUBLIC, _AUTH, _SALT = 32, 65, 16, 16
# RFC 8292, 2: at most 24 hours. A clock that is an hour off on either side still fits.
_GOOD_FOR = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One browser's public key (65 bytes, a point of P-256) and secret (16). Raises errors.Invalid for anything
    else."""

    public: bytes = field(repr=False)
    auth: bytes = field(repr=False)

    def __post_init__(self) -> None:
        try:
            if len(self.public) != _PUBLIC or len(self.auth) != _AUTH:
                raise ValueError
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), self.public)
        except ValueError:
            raise errors.Invalid("This browser's push key cannot be used.") from None


def read_subscriber(public: str, auth: str) -> Subscriber:
    """A browser's key and secret as its script writes them (base64url, no padding). Raises errors.Invalid."""
    try:
        return Subscriber(*(base64.urlsafe_b64decode(f"{text}{'=' * (-len(text) % 4)}") for text in (public, auth)))
    except (binascii.Error, ValueError):
        raise errors.Invalid("This browser's push key cannot be used.") from None


def seal_push(plaintext: bytes, *, to: Subscriber) -> bytes:
    """`plaintext` sealed so that only this browser reads it; the body of a push, in the coding aes128gcm."""
    once = ec.generate_private_key(ec.SECP256R1())
    salt = secrets.token_bytes(_SALT)
    return http_ece.encrypt(
        plaintext, salt=salt, private_key=once, dh=to.public, auth_secret=to.auth, version="aes128gcm"
    )


def new_push_key() -> bytes:
    """A sender's private key: 32 bytes."""
    return ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value.to_bytes(KEY_SIZE)


def push_public(key: bytes) -> str:
    """What a browser is told of a sender: the public half, as base64url. Raises errors.Invalid for an unusable key."""
    raw = _private(key).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def push_authorization(key: bytes, *, audience: str, contact: str, now: datetime) -> str:
    """The header `Authorization` of a push: signed, for the service at the origin `audience`, until half a day from
    now.

    `contact` is the mail address at which the service reaches whoever sends.
    """
    claims = {"aud": audience, "sub": f"mailto:{contact}", "exp": int((now + _GOOD_FOR).timestamp())}
    return Vapid02(_private(key)).sign(claims)["Authorization"]


def _private(key: bytes) -> ec.EllipticCurvePrivateKey:
    try:
        if len(key) != KEY_SIZE:
            raise ValueError
        return ec.derive_private_key(int.from_bytes(key), ec.SECP256R1())
    except ValueError:
        raise errors.Invalid("This is not a key for web push.") from None
