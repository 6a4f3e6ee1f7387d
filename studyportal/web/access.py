"""Know who is calling, and let a call through or not by the access table.

A page without a rule keeps the whole room from starting. A rule is a set of roles; which objects a person may reach
is for the action to decide. A rule may ask besides that its caller showed a second factor a few minutes ago.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import Flask, current_app, g, request

from studyportal import clock
from studyportal.errors import NotAllowed, NotFresh, NotSignedIn, Unsafe
from studyportal.web.access_table import ROLES, Rule
from studyportal.web.here import here

EXTENSION = "studyportal.access"
# For how long a second factor counts as just shown. ASVS 5.0, 7.5.3 asks for it where much is at stake.
FRESH = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is calling: their role, their id in their store, the name pages may show, their site, their session.

    `fresh_at` is when they last showed a second factor; None where there is none, as for participants.
    """

    role: str
    id: UUID | str
    name: str
    site: str | None
    session: UUID | bytes | str | None
    fresh_at: datetime | None = None

    @property
    def title(self) -> str:
        """The role in words."""
        return ROLES[self.role]


def install_access(app: Flask, rules: Mapping[str, Rule]) -> None:
    """Give every endpoint of the room its rule; raises `Unsafe` for a page without one and a rule without a page."""
    if without := sorted(app.view_functions.keys() - rules.keys()):
        raise Unsafe(f"These pages have no access rule: {', '.join(without)}.")
    if idle := sorted(rules.keys() - app.view_functions.keys()):
        raise Unsafe(f"These access rules have no page: {', '.join(idle)}.")
    for name, rule in rules.items():
        if not rule.roles or (unknown := rule.roles - ROLES.keys()):
            raise Unsafe(f"The rule of {name} names {', '.join(sorted(unknown)) if rule.roles else 'no role'}.")
    app.extensions[EXTENSION] = dict(rules)


def access_rules(app: Flask | None = None) -> Mapping[str, Rule]:
    """The rule of every endpoint of `app`, or of the room of this request."""
    rules: Mapping[str, Rule] = (app or current_app).extensions[EXTENSION]
    return rules


def visitor() -> Visitor | None:
    """Who is calling, or None; looked up once in a request."""
    if "visitor" not in g:
        g.visitor = here().visitor_of(request)
    return g.visitor


def known_visitor() -> Visitor | None:
    """Who is calling, if that was looked up already: for error pages, which must not fail again."""
    return g.get("visitor")


def signed_in() -> Visitor:
    """Who is calling; raises `NotSignedIn` for nobody."""
    found = visitor()
    if found is None:
        raise NotSignedIn("You are not signed in, or were away too long. Sign in, then do it again.")
    return found


def check_access(rule: Rule) -> None:
    """Raise `NotSignedIn`, `NotAllowed` or `NotFresh` unless the rule lets the caller in."""
    if "public" in rule.roles:
        return
    caller = signed_in()
    if caller.role not in rule.roles:
        raise NotAllowed("Your role does not include this page.")
    if rule.fresh and not is_fresh(caller, now=clock.now()):
        raise NotFresh("Show again who you are, then this goes on.")


def is_fresh(caller: Visitor, *, now: datetime) -> bool:
    """Whether the caller showed a second factor a few minutes ago."""
    return caller.fresh_at is not None and now - caller.fresh_at <= FRESH
