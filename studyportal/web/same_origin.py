"""Refuse requests that another site makes through a person's browser.

The browser's own word (Sec-Fetch-Site) comes first, then Origin; a form token (Flask-WTF) is asked for besides.
A request without cookies carries nobody's authority: an app's bearer token or its JSON sign-in needs no form token.
"""

from wsgiref.types import WSGIEnvironment

from flask import Request

from studyportal.errors import NotAllowed
from studyportal.saying import said

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_ELSEWHERE = said("This was sent from another site, so it was not taken. Open the page here and send it again.")


def is_app(request: Request) -> bool:
    """Whether the caller is an app that brings no cookies, so that no form token protects anything."""
    environ = request.environ
    return "HTTP_COOKIE" not in environ and (_has_bearer(environ) or environ["PATH_INFO"].startswith("/api/"))


def _has_bearer(environ: WSGIEnvironment) -> bool:
    return environ.get("HTTP_AUTHORIZATION", "").startswith("Bearer ")


def check_origin(request: Request, *, origin: str) -> None:
    """Raise `NotAllowed` when an unsafe request does not come from `origin` (such as "https://diary.example.org").

    Browsers send Sec-Fetch-Site to https and localhost since 2020-2023 (w3.org/TR/fetch-metadata); an older one
    must send Origin. "none", a request typed or bookmarked, is never a form of ours.
    """
    environ = request.environ
    site, sender = environ.get("HTTP_SEC_FETCH_SITE"), environ.get("HTTP_ORIGIN")
    if is_app(request) and (_has_bearer(environ) or (site is None and sender is None)):
        return
    if site is None and sender == origin:
        return
    if site == "same-origin" and sender in (None, origin, "null"):
        return
    raise NotAllowed(_ELSEWHERE)
