"""Show each caller the links that lead somewhere for them. This hides; it does not protect (the access table does)."""

from collections.abc import Mapping

from flask import request

from studyportal.saying import said
from studyportal.web.access import Visitor, access_rules
from studyportal.web.here import here

# The links in the foot of every page: endpoint and words. A room shows those that it has.
FOOT = (
    ("notices.help", said("Help")),
    ("notices.privacy", said("Privacy")),
    ("notices.accessibility", said("Accessibility")),
    ("notices.status", said("Status")),
    ("verifying.paper", said("Verify a paper")),
)


# Whose first page is another than the room's: room -> role -> endpoint.
FIRST: Mapping[str, Mapping[str, str]] = {"custody": {"administrator": "staff.show", "auditor": "trail.show"}}


def first_page(caller: Visitor) -> str | None:
    """Where this caller begins, unless it is where the room does."""
    return FIRST.get(here().name, {}).get(caller.role)


def visible_nav(caller: Visitor | None) -> list[tuple[str, str]]:
    """The room's links (endpoint, words) whose rule includes the caller's role.

    The first one is the room's own first page: nothing for somebody who begins elsewhere.
    """
    roles = {"public"} | ({caller.role} if caller else set())
    rules, links = access_rules(), here().nav
    if caller and first_page(caller):
        links = links[1:]
    return [(page, words) for page, words in links if rules[page].roles & roles]


def foot_links() -> list[tuple[str, str]]:
    """The links (endpoint, words) of this room's foot."""
    rules = access_rules()
    return [(page, words) for page, words in FOOT if page in rules]


def offered_languages() -> list[str]:
    """The languages to choose from on this page; none where there is one, or where going back to it would lose it."""
    languages = here().languages
    return languages if len(languages) > 1 and "switching.choose" in access_rules() and request.method == "GET" else []
