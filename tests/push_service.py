"""A push service and a browser for tests: the service keeps what it is sent and answers as told; the browser opens
it."""

import base64
import json
import secrets
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from studyportal.registry.reminder_seals import Whereto

HOST = "push.example.org"


def text_of(raw: bytes) -> str:
    """base64url without padding, as scripts write it."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class Subscribed:
    """A browser that asked its push service for an address."""

    name: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    @property
    def whereto(self) -> Whereto:
        public = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return Whereto(f"https://{HOST}/send/{self.name}", text_of(public), text_of(self.auth))

    def opened(self, body: bytes) -> str:
        """What a push says, as only this browser reads it."""
        return http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth, version="aes128gcm").decode()


@dataclass(frozen=True)
class Pushed:
    """One push as the service took it."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def claims(self) -> Mapping[str, object]:
        """What its sender signed. Raises `AssertionError` for a signature that does not hold."""
        signed = self.headers["Authorization"]
        assert Vapid02.verify(signed)
        middle = signed.split("t=")[1].split(",")[0].split(".")[1]
        return json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))


@dataclass
class PushService:
    """`status` is what it answers next, and then again and again."""

    port: int = 0
    status: int = 201
    taken: list[Pushed] = field(default_factory=list)

    def dial(self, host: str) -> socket.socket:
        """A connection to it, without the TLS that a real one has."""
        assert host == HOST
        return socket.create_connection(("127.0.0.1", self.port), timeout=5)


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        kept: PushService = self.server.kept  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kept.taken.append(Pushed(self.path, dict(self.headers.items()), body))
        self.send_response(kept.status)
        if kept.status in (301, 302, 307, 308):
            self.send_header("Location", f"http://127.0.0.1:{kept.port}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def push_service() -> Iterator[PushService]:
    """A service on a free port, until the block ends."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answer) as server:
        server.kept = kept = PushService(server.server_address[1])  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield kept
        finally:
            server.shutdown()
            thread.join()
