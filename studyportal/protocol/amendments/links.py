"""Link the questions of an instrument to those that it asked before: which one each of them continues, and whether
their answers may stand in one column."""

from collections.abc import Mapping
from typing import NamedTuple

from studyportal.protocol.amendments.rules import BREAKING, REFUSED, Finding, Pair, findings
from studyportal.protocol.items import Item

NO_SUCH = Finding(REFUSED, "It says what it was called before (was), but nothing had that name.")
STILL_ASKED = Finding(REFUSED, "It says what it was called before (was), but that question is still asked.")
OTHER_INPUT = Finding(
    BREAKING, "Something that it is worked out from means something else now.", "worked out from other answers"
)


class Link(NamedTuple):
    """`former` is the definition that a question had when it was last asked (None: it is new)."""

    former: Item | None
    findings: tuple[Finding, ...]
    recode: Mapping[str, str]

    @property
    def breaking(self) -> Finding | None:
        """Why answers given before need a column of their own; None if they do not."""
        return next((one for one in self.findings if one.verdict == BREAKING), None)


def links(known: Mapping[str, Item], asked: Mapping[str, Item]) -> Mapping[str, Link]:
    """A link for each question that is asked; `known` are the instrument's former ones, as last asked."""
    former = {name: _former(item, known, asked) for name, item in asked.items()}
    renamed = {known_item.name: name for name, (known_item, _) in former.items() if known_item is not None}
    found: dict[str, Link] = {}
    for name, item in asked.items():
        before, problems = former[name]
        pair = None if before is None else Pair(before, item, renamed)
        found[name] = Link(before, problems + (findings(pair) if pair else ()), pair.recode if pair else {})
    return _with_inputs(found, asked)


def _former(
    item: Item, known: Mapping[str, Item], asked: Mapping[str, Item]
) -> tuple[Item | None, tuple[Finding, ...]]:
    if not _is_fresh(item, known):
        return known.get(item.name), ()
    # Two questions may swap their names; but one that keeps its name keeps its answers.
    if item.was in asked and not _is_fresh(asked[item.was], known):
        return known.get(item.name), (STILL_ASKED,)
    if item.was not in known:
        return known.get(item.name), (NO_SUCH,)
    return known[item.was], ()


def _is_fresh(item: Item, known: Mapping[str, Item]) -> bool:
    """Whether `was` was written for this version. One that already stood in the last one has had its effect."""
    before = known.get(item.name)
    return bool(item.was) and (before is None or before.was != item.was)


def _with_inputs(found: dict[str, Link], asked: Mapping[str, Item]) -> Mapping[str, Link]:
    """What is worked out from answers that break breaks as well, however long the way."""
    broken = {name for name, link in found.items() if link.former is None or link.breaking}
    while True:
        more = {
            name
            for name, item in asked.items()
            if name not in broken and broken & ((item.formula.names if item.formula else frozenset()) | {*item.of})
        }
        if not more:
            return found
        broken |= more
        for name in more:
            found[name] = found[name]._replace(findings=(*found[name].findings, OTHER_INPUT))
