"""Find numbers and branches that would tell a researcher what another question's release takes away.

A number that is worked out from one answer which is not released as given, and otherwise from nothing or from what
everybody sees, is that answer again: refused, unless it is itself dropped or banded. Made of several such answers it
may or may not be, and a branch tells of what it hangs on: both are said as warnings. What is not found here are bands
that are finer than those of the answer, and answers that guess each other.
"""

from collections.abc import Iterator, Mapping

from studyportal.protocol.expressions.nodes import Call, Name, Node, children
from studyportal.protocol.items import Item
from studyportal.protocol.kinds import KINDS
from studyportal.protocol.reading.checks.draft import Draft

COARSE = frozenset({"drop", "band"})
# Days and times are used only as the time between two of them, which is neither; texts can only be counted.
NO_NUMBERS = frozenset({"date", "time", "moment", "text"})


def check_republishing(draft: Draft) -> None:
    for instrument in draft.instruments:
        items = draft.items(instrument)
        for item in items.values():
            path = f"instruments.{instrument}.items.{item.name}"
            if item.release.treatment not in COARSE and (hidden := [*_hidden(item, items)]):
                _say(draft, f"{path}.release", sorted(hidden))
            if item.when and item.release.treatment != "drop":
                _say_branch(draft, f"{path}.when", sorted(item.when.names & items.keys()), items)


def _say(draft: Draft, path: str, hidden: list[str]) -> None:
    if len(hidden) == 1:
        draft.refuse(
            path,
            f"This is worked out from {hidden[0]}, which is not released as given, and would give it away. "
            f"Write drop or band here, or release {hidden[0]} with keep.",
        )
    else:
        draft.warn(
            path,
            f"This is worked out from {', '.join(hidden)}, which are not released as given. "
            "Make sure that it gives none of them away.",
        )


def _say_branch(draft: Draft, path: str, names: list[str], items: Mapping[str, Item]) -> None:
    if dropped := [name for name in names if items[name].release.treatment == "drop"]:
        draft.warn(
            path,
            f"Whoever sees an answer here learns something about {', '.join(dropped)}, of which nothing is released.",
        )


def _hidden(item: Item, items: Mapping[str, Item]) -> set[str]:
    """The answers behind a number that are not released as given, also those behind numbers that are not."""
    found: set[str] = set()
    seen = {item.name}
    waiting = [*_made_of(item, items)]
    while waiting:
        name = waiting.pop()
        if name in seen or name not in items:
            continue
        seen.add(name)
        one = items[name]
        if one.formula or one.of:
            waiting += _made_of(one, items) if one.release.treatment != "keep" else ()
        elif one.release.treatment != "keep" and KINDS[one.kind].type not in NO_NUMBERS:
            found.add(name)
    return found


def _made_of(item: Item, items: Mapping[str, Item]) -> Iterator[str]:
    yield from item.of
    if item.formula:
        yield from _told(item.formula.tree, items)


def _told(node: Node, items: Mapping[str, Item]) -> Iterator[str]:
    """The names in a formula whose answers it can tell: how many there are of something does not say which."""
    if isinstance(node, Name):
        yield node.name
    for one in children(node):
        counted = isinstance(node, Call) and node.function == "count" and isinstance(one, Name)
        if not (counted and one.name in items and KINDS[items[one.name].kind].type != "yes_no"):
            yield from _told(one, items)
