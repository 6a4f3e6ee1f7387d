"""`studyportal access`: print who may do what. docs/access.md is what it prints; a test compares them."""

from collections.abc import Iterator

import click

from studyportal.web.access_table import ACCESS, REACHES, ROLES, Rule
from studyportal.web.here import ROOMS

HEAD = """# Who may do what

This page is what `studyportal access` prints: the table that every room obeys (`studyportal/web/access_table.py`). A page
without a line there keeps its room from starting. Whoever asks for somebody else's things, another site's or another
project's, gets the same answer as for things that do not exist. "Fresh" means that the person has shown who they are within
the last five minutes.
"""


@click.command()
def access() -> None:
    """Print who may do what, as Markdown."""
    click.echo(as_markdown(), nl=False)


def as_markdown() -> str:
    """The access table as a page."""
    return "\n".join([HEAD, *(line for room in sorted(ACCESS) for line in _room(room))])


def _room(room: str) -> Iterator[str]:
    yield f"## {ROOMS[room]} ({room})\n"
    yield "| may | who | whose | fresh |"
    yield "|---|---|---|---|"
    lines = sorted({_line(rule) for rule in ACCESS[room].values()})
    yield from lines
    yield ""


def _line(rule: Rule) -> str:
    who = ", ".join(sorted(ROLES[role].lower() or "everybody" for role in rule.roles))
    return f"| {rule.act} | {who} | {REACHES[rule.reach]} | {'yes' if rule.fresh else ''} |"
