"""Write one JSON line for each request, without data.

A line has time, room, request id, method, the endpoint's rule, status and milliseconds. Never the address that was
called, a parameter, a body, an account or a network address: those could name a person.
"""

import os
import secrets
from contextlib import suppress
from datetime import datetime
from traceback import extract_tb
from typing import Any

import msgspec
from flask import request

from studyportal.errors import Unsafe

# Keys under which the guard and the application tell each other about one request, in its WSGI environment.
ID = "studyportal.request_id"
RULE = "studyportal.rule"


class RequestLog:
    """Lines of one room, appended whole: one write a line, so that processes can share a file."""

    def __init__(self, room: str, target: str) -> None:
        self._room = room
        self._file = 1 if target == "-" else _open(target)

    def request(self, *, at: datetime, id: str, method: str, rule: str, status: int, ms: float) -> None:
        """One answered request."""
        line = {
            "time": at,
            "room": self._room,
            "request": id,
            "method": method,
            "rule": rule,
            "status": status,
            "ms": ms,
        }
        self._write(line)

    def error(self, error: BaseException, place: str, id: str) -> None:
        """One unexpected error: its type and place, never its text, because texts contain values."""
        kind = f"{type(error).__module__}.{type(error).__qualname__}"
        self._write({"room": self._room, "request": id, "error": kind, "place": place})

    def _write(self, line: dict[str, Any]) -> None:
        # A full disk for logs must not turn an entry that is kept into an error.
        with suppress(OSError):
            os.write(self._file, msgspec.json.encode(line) + b"\n")


def _open(path: str) -> int:
    try:
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
    except OSError:
        raise Unsafe("The log file cannot be written.") from None


def place_of(error: BaseException) -> str:
    """Where an error came from, as "file:line in function" of our own innermost line. Shows no value."""
    frames = extract_tb(error.__traceback__)
    own = [frame for frame in frames if "/studyportal/" in frame.filename] or frames
    if not own:
        return "unknown"
    return f"{own[-1].filename.rpartition('/studyportal/')[2]}:{own[-1].lineno} in {own[-1].name}"


def new_request_id() -> str:
    """Twelve hexadecimal digits: short enough to read out on the telephone."""
    return secrets.token_hex(6)


def request_id() -> str:
    """The id of the request being answered."""
    return request.environ.get(ID, "none")
