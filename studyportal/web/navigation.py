"""Show each caller the links that lead somewhere for them. This hides; it does not protect (the access table does)."""

from studyportal.web.access import Visitor, access_rules
from studyportal.web.here import here

# The links in the foot of every page: endpoint and words. A room shows those that it has.
FOOT = (
    ("notices.help", "Help"),
    ("notices.privacy", "Privacy"),
    ("notices.accessibility", "Accessibility"),
    ("notices.status", "Status"),
    ("verifying.paper", "Verify a paper"),
)


def visible_nav(caller: Visitor | None) -> list[tuple[str, str]]:
    """The room's links (endpoint, words) whose rule includes the caller's role."""
    roles = {"public"} | ({caller.role} if caller else set())
    rules = access_rules()
    return [(page, words) for page, words in here().nav if rules[page].roles & roles]


def foot_links() -> list[tuple[str, str]]:
    """The links (endpoint, words) of this room's foot."""
    rules = access_rules()
    return [(page, words) for page, words in FOOT if page in rules]
