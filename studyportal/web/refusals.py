"""Turn every "no" into a status, a page or JSON, once for the whole building.

A page shows a sentence and the request id, never what was sent. What nobody expected is told to the log by its
type and place only.
"""

from collections.abc import Mapping

from flask import Flask, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException, SecurityError

from studyportal import errors
from studyportal.saying import said
from studyportal.web.access import known_visitor
from studyportal.web.here import here
from studyportal.web.request_log import RequestLog, place_of, request_id
from studyportal.web.translating import in_words

# Completeness: tests/web/test_refusals.py walks every subclass of Refusal.
STATUS: Mapping[type[errors.Refusal], int] = {
    errors.CannotOpen: 500,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.Invalid: 422,
    errors.NotAllowed: 403,
    errors.NotFresh: 403,
    errors.NotFound: 404,
    errors.NotSignedIn: 401,
    errors.TooLarge: 413,
    errors.TooMany: 429,
    errors.Unavailable: 503,
    errors.Unsafe: 500,
}

# What a person reads when Flask itself says no; anything else gets the last sentence.
SENTENCES: Mapping[int, str] = {
    400: said("This request could not be read. Go back, load the page again and send it once more."),
    401: said("Sign in first."),
    403: said("This is not allowed."),
    404: said("There is no page at this address. It may have moved, or the address has a slip in it."),
    405: said("This address does not take that kind of request."),
    408: said("The request took too long to arrive. Send it again."),
    410: said("This page was here and is gone."),
    413: said("This is more than can be taken at once."),
    414: said("This address is too long."),
    415: said("This kind of content is not taken here."),
    429: said("Too many tries. Wait a little."),
    431: said("The request has too many headers."),
}
UNEXPECTED = said(
    "Something went wrong on our side. Nothing was half-kept. Try again; if it stays, tell the study team the number below."
)

HEADINGS: Mapping[int, str] = {
    400: said("That did not arrive whole"),
    401: said("Sign in first"),
    403: said("Not open to you"),
    404: said("Not found"),
    409: said("It has changed meanwhile"),
    410: said("This has ended"),
    413: said("Too large"),
    422: said("Something needs another look"),
    429: said("Too many tries"),
    500: said("Our mistake, not yours"),
    503: said("Not available just now"),
}


def status_of(refusal: errors.Refusal) -> int:
    """The HTTP status of a refusal: its own row in the table, or that of the kind it refines."""
    return next(STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS)


def wants_json() -> bool:
    """Whether the caller is an app rather than a person with a browser."""
    accept = request.accept_mimetypes
    return request.path.startswith("/api/") or accept["application/json"] > accept["text/html"]


def install_refusals(app: Flask, log: RequestLog) -> None:
    """Answer refusals, Flask's own errors and the unexpected."""

    def refuse(refusal: errors.Refusal) -> Response:
        if isinstance(refusal, errors.NotSignedIn) and _navigates() and here().sign_in:
            return redirect(url_for(here().sign_in), 303)
        if isinstance(refusal, errors.NotFresh) and known_visitor() and here().step_up and not wants_json():
            # What was typed goes along (307 keeps method and body) and comes back with the second factor.
            return redirect(url_for(here().step_up, next=request.full_path.rstrip("?")), _STEP_UP[request.method])
        if isinstance(refusal, errors.Unsafe | errors.CannotOpen):
            log.error(refusal, place_of(refusal), request_id())
        problems = refusal.problems if isinstance(refusal, errors.Invalid) else {}
        sentence = UNEXPECTED if isinstance(refusal, errors.Unsafe) else refusal.sentence
        response = _answer(status_of(refusal), sentence, type(refusal).__name__, problems)
        if isinstance(refusal, errors.TooMany):
            response.headers["Retry-After"] = str(refusal.retry_after)
        return response

    def misfit(error: HTTPException) -> Response | HTTPException:
        if error.response is not None or not error.code or error.code < 400:
            return error
        if isinstance(error, SecurityError):  # not our host name, so no address of ours can be written on a page
            return Response("This address is not served here.\n", 400, mimetype="text/plain")
        response = _answer(error.code, SENTENCES.get(error.code, UNEXPECTED), "Http", {})
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After"):
                response.headers[name] = value
        return response

    def unexpected(error: Exception) -> Response:
        log.error(error, place_of(error), request_id())
        return _answer(500, UNEXPECTED, "Unexpected", {})

    app.register_error_handler(errors.Refusal, refuse)
    app.register_error_handler(HTTPException, misfit)
    app.register_error_handler(Exception, unexpected)


_STEP_UP: Mapping[str, int] = {"GET": 303, "HEAD": 303, "POST": 307}


def _navigates() -> bool:
    """Whether a person is opening a page, so that leading them to the sign-in page is right."""
    return request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate" and not wants_json()


def _answer(status: int, sentence: str, kind: str, problems: Mapping[str, str]) -> Response:
    sentence = in_words(sentence)
    problems = {name: in_words(one) for name, one in problems.items()}
    if wants_json():
        body = {"refusal": sentence, "kind": kind, "request": request_id()}
        response = jsonify(body | ({"problems": problems} if problems else {}))
    else:
        page = render_template(
            "refusal.html",
            shut=True,
            status=status,
            heading=HEADINGS.get(status, said("This did not work")),
            sentence=sentence,
            problems=problems,
            request_id=request_id(),
        )
        response = Response(page, mimetype="text/html")
    response.status_code = status
    return response
