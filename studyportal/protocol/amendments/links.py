"""Link the questions of an instrument to those that it asked before: which one each of them continues, and whether
their answers may stand in one column."""

from collections.abc import Mapping
from typing import NamedTuple

from studyportal.protocol.amendments.rules import BREAKING, REFUSED, Finding, Pair, findings
from studyportal.protocol.items import Item

NO_SUCH = Finding(REFUSED, "It says what it was called before (was), but nothing had that name.")
TAKEN = Finding(
    REFUSED,
    "It says what it was called before (was), but that question is still asked, or another one says the same of itself.",
)
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
    former, problems = _claims(known, asked)
    renamed = {before: name for name, before in former.items()}
    found: dict[str, Link] = {}
    for name, item in asked.items():
        before = known[former[name]] if name in former else None
        pair = None if before is None else Pair(before, item, renamed)
        found[name] = Link(
            before, problems.get(name, ()) + (findings(pair) if pair else ()), pair.recode if pair else {}
        )
    return _with_inputs(found, asked)


def _claims(
    known: Mapping[str, Item], asked: Mapping[str, Item]
) -> tuple[Mapping[str, str], Mapping[str, tuple[Finding, ...]]]:
    """The former name of each question that has one, and what is wrong with what documents say of it.

    Nobody's answers go to two questions: one that keeps its name keeps its answers; two may swap their names.
    """
    fresh = {name: item.was for name, item in asked.items() if _is_fresh(item, known)}
    former = {name: name for name in asked if name in known and name not in fresh}
    problems: dict[str, tuple[Finding, ...]] = {}
    for name, was in fresh.items():
        if was in known and was not in former.values():
            former[name] = was
        else:
            problems[name] = (TAKEN if was in known else NO_SUCH,)
    for name in problems:
        if name in known and name not in former.values():
            former[name] = name
    return former, problems


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
