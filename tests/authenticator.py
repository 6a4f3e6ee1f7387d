"""A passkey in software: what a telephone or security key does with a browser's question (WebAuthn level 3, 6.3)."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

# Flags of 6.1: user present, user verified, attested credential data included.
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """One passkey. It counts its uses if it `counts`; it asks for a fingerprint if it `verifies`."""

    def __init__(self, origin: str, host: str = "localhost", *, counts: bool = False, verifies: bool = True) -> None:
        self.origin, self.host = origin, host
        self.uses = 0
        self._counts = counts
        self._flags = PRESENT | (VERIFIED if verifies else 0)
        self.credential = secrets.token_bytes(32)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.handle: str | None = None

    def create(self, asked: dict) -> str:
        """Make the passkey that a page asks for; the browser's answer."""
        self.handle = asked["user"]["id"]
        point = self._key.public_key().public_numbers()
        key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})
        data = self._data(self._flags | ATTESTED)
        data += bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + key
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked["challenge"])
        return self._answer({"clientDataJSON": _text(client), "attestationObject": _text(attested)})

    def get(self, asked: dict, *, handle: str | None = None) -> str:
        """Sign a challenge; the browser's answer. With `handle`, on behalf of somebody else."""
        self.uses += self._counts
        data, client = self._data(self._flags), self._client("webauthn.get", asked["challenge"])
        signature = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": _text(client),
                "authenticatorData": _text(data),
                "signature": _text(signature),
                "userHandle": handle or self.handle,
            }
        )

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.uses.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, response: dict) -> str:
        id = _text(self.credential)
        return json.dumps({"id": id, "rawId": id, "type": "public-key", "response": response})


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def tampered(answer: str, field: str) -> str:
    """An answer in which one bit of one field is another."""
    told = json.loads(answer)
    raw = bytearray(urlsafe_b64decode(told["response"][field] + "=="))
    raw[-1] ^= 1
    told["response"][field] = _text(bytes(raw))
    return json.dumps(told)
