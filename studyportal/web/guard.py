"""Stand around the whole application: every answer, whatever made it, leaves with the security headers and a log line.

A WSGI layer rather than a Flask hook, so that errors, static files and a crash inside Flask are covered too.
"""

import sys
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any

from studyportal import clock
from studyportal.web.request_log import ID, RULE, RequestLog, new_request_id, place_of

Headers = list[tuple[str, str]]

# Everything from our own origin, nothing inline. `data:` is for the small pictures inside Bootstrap's stylesheet.
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_UNUSED = (
    "accelerometer camera display-capture fullscreen geolocation gyroscope magnetometer microphone midi payment usb"
)

SECURITY_HEADERS: tuple[tuple[str, str], ...] = (
    ("Content-Security-Policy", CONTENT_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", ", ".join(f"{feature}=()" for feature in _UNUSED.split())),
)
# Two years, the figure that browsers' preload lists ask for.
HTTPS_ONLY = ("Strict-Transport-Security", "max-age=63072000; includeSubDomains")


class Guard:
    """Wrap a WSGI application."""

    def __init__(self, inner: Callable[..., Iterable[bytes]], log: RequestLog, *, https: bool) -> None:
        self._inner = inner
        self._log = log
        self._headers: Headers = [*SECURITY_HEADERS, *([HTTPS_ONLY] if https else [])]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        began = perf_counter()
        environ[ID] = new_request_id()
        answered = False

        def answer(status: str, headers: Headers, *crash: Any) -> Any:
            nonlocal answered
            answered = True
            if not any(name.lower() == "cache-control" for name, _ in headers):
                headers.append(("Cache-Control", "no-store"))
            headers += self._headers
            headers.append(("X-Request-Id", environ[ID]))
            self._log.request(
                at=clock.now(),
                id=environ[ID],
                method=environ["REQUEST_METHOD"] if environ["REQUEST_METHOD"] in _METHODS else "other",
                rule=environ.get(RULE, "none"),
                status=int(status[:3]),
                ms=round((perf_counter() - began) * 1000, 2),
            )
            return start_response(status, headers, *crash)

        try:
            return self._inner(environ, answer)
        except Exception as error:  # noqa: BLE001 - whatever it is, the server around us must not print its text
            self._log.error(error, place_of(error), environ[ID])
            crash = (sys.exc_info(),) if answered else ()
            answer("500 INTERNAL SERVER ERROR", [("Content-Type", "text/plain; charset=utf-8")], *crash)
            return [f"Something went wrong on our side. The number of this request is {environ[ID]}.\n".encode()]


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
