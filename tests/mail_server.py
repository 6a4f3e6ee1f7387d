"""A mail server for tests: it listens on this machine, speaks SMTP as far as smtplib asks, and keeps what it takes."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message


@dataclass
class Taken:
    """Whom a message was for on the envelope, and the message."""

    to: list[str]
    raw: bytes

    @property
    def message(self) -> Message:
        return message_from_bytes(self.raw)


@dataclass
class MailServer:
    """`refuses`: every recipient is turned away."""

    port: int = 0
    refuses: bool = False
    taken: list[Taken] = field(default_factory=list)


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        kept: MailServer = self.server.kept  # type: ignore[attr-defined]
        to: list[str] = []
        self._say("220 mail.test")
        while line := self.rfile.readline():
            verb = line.split(b" ")[0].strip().upper()
            if verb == b"RCPT":
                to.append(line.decode().partition("<")[2].partition(">")[0])
                self._say("550 no" if kept.refuses else "250 ok")
            elif verb == b"DATA":
                self._say("354 go on")
                body = b""
                while (line := self.rfile.readline()) != b".\r\n":
                    body += line.removeprefix(b".") if line.startswith(b"..") else line
                kept.taken.append(Taken(to, body))
                self._say("250 kept")
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 mail.test")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A server on a free port, until the block ends."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk) as server:
        server.daemon_threads = True
        server.kept = kept = MailServer(server.server_address[1])  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield kept
        finally:
            server.shutdown()
            thread.join()
