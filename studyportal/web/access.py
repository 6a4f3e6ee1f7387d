"""Say who may call a view, and know who is calling.

A view without a rule keeps the whole room from starting. A rule is a set of roles; which objects a person may reach
is for the action to decide.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask, g, request

from studyportal.errors import NotAllowed, NotSignedIn, Unsafe
from studyportal.web.here import here

# Every role that a rule may name, with the words that a page shows for it. "public" is everybody and nobody.
ROLES: Mapping[str, str] = {
    "administrator": "Administrator",
    "auditor": "Auditor",
    "clinician": "Clinician",
    "coordinator": "Coordinator",
    "custodian": "Data custodian",
    "device": "Device",
    "participant": "Participant",
    "public": "",
    "researcher": "Researcher",
}

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is calling: their role, their id in their store, the name pages may show, their site, their session."""

    role: str
    id: UUID | str
    name: str
    site: str | None
    session: UUID | bytes | str | None

    @property
    def title(self) -> str:
        """The role in words."""
        return ROLES[self.role]


def access(*roles: str) -> Callable[[View], View]:
    """Declare which roles may call this view. Put it nearest to the function, below the route."""
    if not roles or (unknown := set(roles) - set(ROLES)):
        raise Unsafe(f"An access rule names no role that exists: {', '.join(sorted(unknown)) if roles else 'none'}.")

    def declare(view: View) -> View:
        view.access_rule = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return declare


def access_rules(app: Flask) -> dict[str, frozenset[str]]:
    """The rule of every endpoint; raises `Unsafe` naming the endpoints that have none."""
    rules = {name: getattr(view, "access_rule", None) for name, view in app.view_functions.items()}
    if without := sorted(name for name, rule in rules.items() if not rule):
        raise Unsafe(f"These pages have no access rule: {', '.join(without)}.")
    return rules  # type: ignore[return-value]


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


def check_access(rule: frozenset[str]) -> None:
    """Raise `NotSignedIn` or `NotAllowed` unless the caller's role is in `rule`."""
    if "public" in rule:
        return
    if signed_in().role not in rule:
        raise NotAllowed("Your role does not include this page.")
