"""Carry what somebody was doing through a page that asks who they are first, and know where it goes on.

A form that was sent arrives whole (307), rests in hidden fields, and goes on whole: nothing typed is lost. It goes on
to pages of this room only.
"""

from collections.abc import Collection

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException

from studyportal.web.access import access_rules


def carried(ours: Collection[str]) -> list[tuple[str, str]]:
    """The fields of the interrupted form; `ours` are those of the page that asks."""
    return [(name, value) for name, values in request.form.lists() if name not in ours for value in values]


def target(wanted: str, method: str, home: str) -> tuple[str, str]:
    """Where to go on and what is done there; the room's home, and nothing, for an address that is no page of ours."""
    path = wanted.partition("?")[0]
    if path.startswith("/") and not path.startswith(("//", "/\\")):
        try:
            endpoint, _ = current_app.url_map.bind("").match(path, method)
            return wanted, access_rules()[endpoint].act
        except HTTPException:
            pass
    return url_for(home), ""
