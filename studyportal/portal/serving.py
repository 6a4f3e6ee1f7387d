"""Serve one room with gunicorn, told everything by that room's settings and nothing by the environment.

Rooms listen on 127.0.0.1 only, the reading desk on a Unix socket only. Headers that claim another address or scheme are
ignored. What gunicorn itself has to say (a request that is no HTTP, a crash) leaves with the same security headers and
is logged without the request's text.
"""

import gc
import json
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.http import errors as malformed
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import ThreadWorker

from studyportal.errors import Refusal, Unsafe
from studyportal.portal.composing import create_app, load
from studyportal.portal.hardening import harden
from studyportal.portal.settings import read_settings
from studyportal.web.guard import SECURITY_HEADERS
from studyportal.web.settings import RoomSettings

# A request that a worker has not answered by then is cut off; the longest honest one is a release.
TIMEOUT = 120
GRACE = 10
REASONS = {
    400: "Bad Request",
    414: "URI Too Long",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
}
MALFORMED = {malformed.LimitRequestLine: 414, malformed.LimitRequestHeaders: 431, malformed.ParseException: 400}
# Linux takes 108 bytes for the path of a Unix socket (unix(7)); a little is left for what stands around it.
LONGEST_PATH = 100
DESK_THREADS = 4
SENTENCE = b"This request cannot be read.\n"


class _Log(Logger):
    """Says what happened to processes, and of errors the type and never the text: texts contain values."""

    def exception(self, msg: object, *args: object, **kwargs: Any) -> None:
        error = sys.exc_info()[1]
        told = error.sentence if isinstance(error, Refusal) else f"{type(error).__module__}.{type(error).__qualname__}"
        self.error_log.error("%s", json.dumps({"error": told}))

    def error(self, msg: object, *args: object, **kwargs: Any) -> None:
        self.error_log.error(msg, *args)


class _Malformed:
    """How our workers answer what Flask never sees."""

    def handle_error(self, req: object, client: Any, addr: object, exc: BaseException) -> None:
        status = next((code for kind, code in MALFORMED.items() if isinstance(exc, kind)), 500)
        if status == 500:
            self.log.exception("")  # type: ignore[attr-defined]
        headers = [
            *SECURITY_HEADERS,
            ("Cache-Control", "no-store"),
            ("Connection", "close"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(SENTENCE))),
        ]
        head = "".join(f"{name}: {value}\r\n" for name, value in headers)
        try:
            write_nonblock(client, f"HTTP/1.1 {status} {REASONS[status]}\r\n{head}\r\n".encode("latin-1") + SENTENCE)
        except OSError:
            return  # the caller has gone; there is nobody left to tell


class Worker(_Malformed, ThreadWorker):
    """Works on as many requests at a time as it has threads; a browser's idle connection holds up nobody."""


# A thread that holds SQLite's line must not wait behind three others for its turn; Python's own 5 ms are a long turn.
TURN = 0.0005
# Python's 700 objects are one entry's worth: it would search for garbage with every one that arrives.
COLLECT_AFTER = (20_000, 20, 20)


def _settle(worker: object) -> None:
    """What was loaded stays, so the collector need not look through it again, and need not look so often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    sys.setswitchinterval(TURN)


def server_options(settings: RoomSettings) -> dict[str, Any]:
    """What gunicorn is told."""
    return {
        "bind": f"127.0.0.1:{settings.port}",
        "workers": settings.workers,
        "threads": settings.threads,
        "worker_class": Worker,
        "timeout": TIMEOUT,
        "graceful_timeout": GRACE,
        "keepalive": 5,
        "loglevel": "error",
        "logger_class": _Log,
        "accesslog": None,
        "errorlog": "-",
        "control_socket_disable": True,
        "post_worker_init": _settle,
        "forwarded_allow_ips": "",
        "secure_scheme_headers": {},
        "forwarder_headers": "",
        "umask": 0o027,
    }


class _Server(BaseApplication):
    def __init__(self, name: str, options: dict[str, Any], make: Callable[[], Any]) -> None:
        self._name = name
        self._options = options
        self._make = make
        super().__init__()

    def load_config(self) -> None:
        # A fresh one: gunicorn would also listen to GUNICORN_CMD_ARGS and a file in the current folder.
        self.cfg = Config(prog=f"studyportal {self._name}")
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        # In each worker after the fork, so that no two share a database connection.
        return self._make()


def serve_room(room: str, instance: Path) -> None:
    """Serve until told to stop. Raises `Unsafe` before anything listens."""
    settings = read_settings(room, instance)
    harden()
    _Server(room, server_options(settings), partial(create_app, room, settings)).run()


def desk_options(settings: RoomSettings, path: Path) -> dict[str, Any]:
    """What gunicorn is told for the reading desk. Custody and one group may speak to it: 0660."""
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise Unsafe(f"The path of the reading desk's socket is too long: at most {LONGEST_PATH} characters.")
    return server_options(settings) | {"bind": f"unix:{path}", "threads": DESK_THREADS, "workers": 1, "umask": 0o117}


def serve_desk(instance: Path) -> None:
    """Serve the reading desk, as custody, until told to stop. Raises `Unsafe` before anything listens."""
    settings = read_settings("custody", instance)
    harden()
    path: Path = settings.desk  # type: ignore[attr-defined]
    make = partial(load("studyportal.custody.desk_service.app:create_desk"), settings)
    _Server("desk", desk_options(settings, path), make).run()
