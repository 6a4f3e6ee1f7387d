"""The notices of every room: privacy, accessibility, help, status. The study's own words come from its document.

Public, because people read them before they decide to sign in. The status says which parts answer, never why one
does not.
"""

from collections.abc import Iterator, Mapping

import sqlalchemy as sa
from flask import Blueprint, Response, make_response, render_template

from studyportal import clock
from studyportal.database import reading
from studyportal.saying import said
from studyportal.web.here import here

notices = Blueprint("notices", __name__)

# What depends on each database, in the words of a visitor.
PARTS: Mapping[str, str] = {
    "keyring": said("The store of keys"),
    "registry": said("The store of sealed entries"),
    "workbench": said("The store of projects and cohorts"),
}


@notices.get("/privacy")
def privacy() -> str:
    """The study's privacy notice, and how this system protects what it holds."""
    return render_template("notices/privacy.html")


@notices.get("/accessibility")
def accessibility() -> str:
    """What was done so that everybody can use these pages, and whom to tell where it was not enough."""
    return render_template("notices/accessibility.html")


@notices.get("/help")
def help() -> str:
    """Help for those who work with this room."""
    return render_template("notices/help.html")


@notices.get("/status")
def status() -> Response:
    """Which parts of this room answer now; 503 if one does not."""
    parts = dict(_parts())
    page = render_template("notices/status.html", parts=parts, now=clock.now())
    return make_response(page, 200 if all(parts.values()) else 503)


def _parts() -> Iterator[tuple[str, bool]]:
    for bind in sorted(here().settings.databases):
        yield PARTS[bind], _answers(bind)


def _answers(bind: str) -> bool:
    try:
        with reading(bind) as connection:
            return connection.scalar(sa.text("SELECT 1")) == 1
    except sa.exc.SQLAlchemyError:
        return False
