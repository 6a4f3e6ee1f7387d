"""Show each caller the links that lead somewhere for them. This hides; it does not protect (`access` does)."""

from flask import current_app

from studyportal.web.access import Visitor
from studyportal.web.here import here


def visible_nav(caller: Visitor | None) -> list[tuple[str, str]]:
    """The room's links (endpoint, words) whose rule includes the caller's role."""
    roles = {"public"} | ({caller.role} if caller else set())
    views = current_app.view_functions
    return [(page, words) for page, words in here().nav if views[page].access_rule & roles]  # type: ignore[attr-defined]
