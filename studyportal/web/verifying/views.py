"""The page on which a paper is verified. It is public: who was handed a paper may have no account.

The file is read in memory, never on a disk, and forgotten with the request; nothing of it is logged.
"""

from datetime import datetime
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from studyportal import clock
from studyportal.database import writing
from studyportal.errors import CannotOpen, Invalid
from studyportal.paper.verifying import examined
from studyportal.saying import said
from studyportal.web.here import here
from studyportal.web.sign_in import limiter

MOST_BYTES = 20 * 1024 * 1024
# The form around the file.
FRAME_BYTES = 64 * 1024
CHOOSE = said("Choose the PDF file.")


def verifying_pages(bind: str, *, custody: bytes) -> Blueprint:
    """The page of one room. `bind` is the database in which it counts tries, `custody` the study's public custody
    key."""
    pages = Blueprint("verifying", __name__)

    @pages.url_value_preprocessor
    def take_a_file(endpoint: str | None, values: dict[str, Any] | None) -> None:
        """Before anything reads the form: a larger one than elsewhere, and in memory."""
        current = request._get_current_object()
        current.max_content_length = MOST_BYTES + FRAME_BYTES
        # Werkzeug's own place to say where an uploaded file goes; its default is a file on the disk.
        current._get_file_stream = lambda *_, **__: BytesIO()

    @pages.route("/verify", methods=["GET", "POST"])
    def paper() -> Response:
        """Say whether a paper comes from this study and is unaltered."""
        if request.method == "GET":
            return _page()
        _count(bind, now=clock.now())
        sent = request.files.get("paper")
        pdf = sent.read(MOST_BYTES + 1) if sent else b""
        if not pdf or len(pdf) > MOST_BYTES:
            return _page(problem=CHOOSE if not pdf else said("This file is larger than 20 MB; our papers are not."))
        try:
            return _page(outcome="unaltered", paper=examined(pdf, custody))
        except CannotOpen:
            return _page(outcome="altered")
        except Invalid:
            return _page(outcome="not_ours")

    return pages


def _page(*, problem: str = "", outcome: str = "", paper: Any = None) -> Response:
    page = render_template("verifying/paper.html", problem=problem, outcome=outcome, paper=paper)
    return make_response(page, 422 if problem else 200)


def _count(bind: str, *, now: datetime) -> None:
    """Count a try from the caller's network, apart from its tries to sign in."""
    network = f"verify {limiter.network_of(request.remote_addr)}"
    buckets = {"network": limiter.bucket("network", network, secret=here().settings.secret_key)}
    with writing(bind) as connection:
        over = limiter.count_try(connection, bind, buckets, now=now)
    if over:
        raise limiter.too_many(over, now=now)
