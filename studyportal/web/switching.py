"""Let a visitor choose the language of the pages, once, where the study has several.

The choice is kept in a cookie that says the language and nothing else.
"""

from flask import Blueprint, Response, current_app, redirect, request
from werkzeug.exceptions import HTTPException

from studyportal.errors import Invalid
from studyportal.web.here import here

switching = Blueprint("switching", __name__)

A_YEAR = 365 * 24 * 3600


@switching.post("/language")
def choose() -> Response:
    """Keep the chosen language and go back to the page where it was chosen."""
    place, language = here(), request.form.get("language", "")
    if language not in place.languages:
        raise Invalid("The study does not have this language. Choose one of those in the foot of the page.")
    response = redirect(_page_here(request.form.get("page", "")), 303)
    # Lax, so that a link in a letter opens in the chosen language too.
    response.set_cookie(
        place.language_cookie, language, max_age=A_YEAR, path="/", secure=True, httponly=True, samesite="Lax"
    )
    return response


def _page_here(address: str) -> str:
    """The address, if it is a page of this room; else the room's first one."""
    path = address.partition("?")[0]
    if path.startswith("/") and not path.startswith(("//", "/\\")):
        try:
            current_app.url_map.bind("").match(path, "GET")
        except HTTPException:
            pass
        else:
            return address
    return "/"
