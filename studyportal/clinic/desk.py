"""Ask custody's reading desk. What carries the question is given: a Unix socket, or a plain call in tests.

Whatever goes wrong on the way is one sentence: nothing was opened. No answer is kept, and nothing is asked twice.
"""

import socket
from collections.abc import Callable
from datetime import date
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from flask import Flask, current_app

from studyportal import errors
from studyportal.desk import (
    ANSWERS,
    CLOSED,
    LARGEST,
    TOO_LARGE,
    AlertAsked,
    Asked,
    CertifyAsked,
    Course,
    CourseAsked,
    Desk,
    MessagesAsked,
    NotesAsked,
    OpenedMessage,
    OpenedNote,
    Pass,
    Refused,
)

EXTENSION = "studyportal.desk"
TIMEOUT = 30.0

# Takes a question; whether it was answered, and the answer or the refusal.
Send = Callable[[bytes], tuple[bool, bytes]]

_encoder = msgspec.json.Encoder()
_refused = msgspec.json.Decoder(Refused)
_decoders = {asked: msgspec.json.Decoder(answer) for asked, answer in ANSWERS.items()}


class AskedDesk:
    """The reading desk behind whatever `send` is."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def course(self, pass_: Pass, enrolment: UUID, *, since: date | None = None) -> Course:
        return self._ask(CourseAsked(pass_.token, pass_.purpose, enrolment, since))

    def alert(self, pass_: Pass, alert: UUID) -> tuple[str, ...]:
        return self._ask(AlertAsked(pass_.token, pass_.purpose, alert))

    def notes(self, pass_: Pass, alert: UUID) -> tuple[OpenedNote, ...]:
        return self._ask(NotesAsked(pass_.token, pass_.purpose, alert))

    def messages(self, pass_: Pass, enrolment: UUID) -> tuple[OpenedMessage, ...]:
        return self._ask(MessagesAsked(pass_.token, pass_.purpose, enrolment))

    def certify(self, pass_: Pass, enrolment: UUID, digest: bytes, kind: str) -> bytes:
        return self._ask(CertifyAsked(pass_.token, pass_.purpose, enrolment, digest, kind))

    def _ask(self, asked: Asked) -> Any:
        try:
            answered, body = self._send(_encoder.encode(asked))
            if answered:
                return _decoders[type(asked)].decode(body)
            refused = _refused.decode(body)
        except (OSError, HTTPException, msgspec.MsgspecError):
            raise errors.Unavailable(CLOSED) from None
        raise _said_again(refused)


def _said_again(refused: Refused) -> errors.Refusal:
    if refused.kind == "TooMany":
        return errors.TooMany(refused.sentence, retry_after=refused.retry_after)
    return getattr(errors, refused.kind)(refused.sentence)


def over_socket(path: Path) -> Send:
    """HTTP over a Unix socket, a connection for each question."""

    def send(question: bytes) -> tuple[bool, bytes]:
        connection = _Connection(path)
        try:
            connection.request("POST", "/", question, {"Content-Type": "application/json"})
            response = connection.getresponse()
            body = response.read(LARGEST + 1)
        finally:
            connection.close()
        if len(body) > LARGEST:
            raise errors.TooLarge(TOO_LARGE)
        if response.status not in (200, 422):
            raise errors.Unavailable(CLOSED)
        return response.status == 200, body

    return send


class _Connection(HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("desk", timeout=TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def install_desk(app: Flask, send: Send) -> None:
    """Let this room's pages ask the desk through `send`."""
    app.extensions[EXTENSION] = AskedDesk(send)


def the_desk() -> Desk:
    """The reading desk of this room."""
    desk: Desk = current_app.extensions[EXTENSION]
    return desk
