"""The desk as a WSGI application for a Unix socket, and as a plain call. It has no pages, no cookies and no other
address.

Who may connect is for the socket's file to say (custody and the clinic's group, 0660). One JSON line for each question:
its status and milliseconds, never who or whom.
"""

from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any

from flask import Flask

from studyportal import clock
from studyportal.custody.desk_service.answering import LONGEST, answer
from studyportal.custody.desk_service.desk import CustodyDesk
from studyportal.custody.opening.key_file import load_keys
from studyportal.custody.settings import CustodySettings
from studyportal.database import bind_config, install
from studyportal.protocol import load_protocol
from studyportal.web.request_log import RequestLog, new_request_id, place_of

# The kind of answer -> its status line.
STATUS = {True: "200 OK", False: "422 Unprocessable Content"}


def create_desk(settings: CustodySettings) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """The WSGI application. Raises `Unsafe` for a key file that others can read."""
    send = asked_directly(_databases(settings), settings)

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or "0"
        fits = environ["REQUEST_METHOD"] == "POST" and length.isdecimal() and int(length) <= LONGEST
        answered, body = send(environ["wsgi.input"].read(int(length)) if fits else b"")
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response(STATUS[answered], headers)
        return [body]

    return application


def asked_directly(app: Flask, settings: CustodySettings) -> Callable[[bytes], tuple[bool, bytes]]:
    """What takes a question and answers it with the databases of `app`, in the same process."""
    load_keys(settings.key_file)
    desk, log = CustodyDesk(settings, load_protocol(settings.protocol)), RequestLog("desk", settings.log)

    def send(question: bytes) -> tuple[bool, bytes]:
        began, id = perf_counter(), new_request_id()
        with app.app_context():
            answered, body = answer(question, desk, tell=lambda mistake: log.error(mistake, place_of(mistake), id))
        log.request(
            at=clock.now(),
            id=id,
            method="POST",
            rule="desk",
            status=200 if answered else 422,
            ms=round((perf_counter() - began) * 1000, 2),
        )
        return answered, body

    return send


def _databases(settings: CustodySettings) -> Flask:
    app = Flask("studyportal")
    app.config["SQLALCHEMY_BINDS"] = {bind: bind_config(url) for bind, url in settings.databases.items()}
    install(app)
    return app
