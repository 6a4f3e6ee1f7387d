"""Refuse requests that another site makes through a person's browser.

The browser's own word (Sec-Fetch-Site) comes first, then Origin; a form token (Flask-WTF) is asked for besides.
A request without cookies carries nobody's authority: an app's bearer token or its JSON sign-in needs no form token.
"""

from flask import Request

from studyportal.errors import NotAllowed

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_ELSEWHERE = "This was sent from another site, so it was not taken. Open the page here and send it again."


def is_app(request: Request) -> bool:
    """Whether the caller is an app that brings no cookies, so that no form token protects anything."""
    return "Cookie" not in request.headers and (_has_bearer(request) or request.path.startswith("/api/"))


def _has_bearer(request: Request) -> bool:
    return request.headers.get("Authorization", "").startswith("Bearer ")


def check_origin(request: Request, *, origin: str) -> None:
    """Raise `NotAllowed` when an unsafe request does not come from `origin` (such as "https://diary.example.org").

    Browsers send Sec-Fetch-Site to https and localhost since 2020-2023 (w3.org/TR/fetch-metadata); an older one
    must send Origin. "none", a request typed or bookmarked, is never a form of ours.
    """
    headers = request.headers
    site = headers.get("Sec-Fetch-Site")
    if is_app(request) and (_has_bearer(request) or (site is None and "Origin" not in headers)):
        return
    if site is None and headers.get("Origin") == origin:
        return
    if site == "same-origin" and headers.get("Origin", origin) in (origin, "null"):
        return
    raise NotAllowed(_ELSEWHERE)
