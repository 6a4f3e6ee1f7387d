"""Hold the expressions of questions against the other questions of their instrument.

A question is asked by what was answered before it. A number is worked out from answers, never from itself.
"""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from studyportal.protocol.expressions import Expression, check, may_hold
from studyportal.protocol.items import Item
from studyportal.protocol.kinds import KINDS
from studyportal.protocol.reading.checks.domains import domains_of
from studyportal.protocol.reading.checks.draft import Draft

SHOWN = 8  # steps of a circle that a sentence tells
NEVER = "This can never hold, whatever is answered, so the question is never asked. Change the condition or remove it."
ELSEWHERE = "A question can only use answers of its own instrument: write the name alone. Only alerts can use others."


def check_questions(draft: Draft) -> None:
    for instrument in draft.instruments:
        items, broken = draft.items(instrument), draft.broken(instrument)
        domains = domains_of(items)
        for item in items.values():
            for setting, expression in _expressions(item):
                path = f"instruments.{instrument}.items.{item.name}.{setting}"
                if any("." in name for name in expression.names):
                    draft.refuse(path, ELSEWHERE)
                elif not expression.names & broken:
                    wanted = "condition" if setting == "when" else "number"
                    found = [sentence for _, sentence in check(expression, domains, wanted=wanted)]
                    found += _out_of_order(draft.names(instrument), item, items) if setting == "when" else []
                    if not found and setting == "when" and may_hold(expression, domains, steps=draft.steps) is False:
                        found = [NEVER]
                    for sentence in found:
                        draft.refuse(path, sentence)
        for cycle in _cycles(items):
            draft.refuse(f"instruments.{instrument}.items.{cycle[0]}", _told(cycle))


def _expressions(item: Item) -> Iterator[tuple[str, Expression]]:
    if item.when:
        yield "when", item.when
    if item.formula:
        yield "formula", item.formula


def _out_of_order(names: tuple[str, ...], item: Item, items: Mapping[str, Item]) -> list[str]:
    """What a condition uses that is not known yet when the question is shown."""
    before = names[: names.index(item.name)]
    found = []
    for name in sorted(item.when.names & items.keys() if item.when else ()):
        if name == item.name:
            found.append("A question cannot decide whether it is asked itself.")
        elif not KINDS[items[name].kind].answered and KINDS[items[name].kind].type != "nothing":
            found.append(f"{name} is worked out after the form is sent. Use the answers themselves.")
        elif name not in before:
            found.append(f"{name} is asked later. Use only answers to questions that come before this one.")
    return found


def _cycles(items: Mapping[str, Item]) -> list[tuple[str, ...]]:
    """Numbers that are made of each other in a circle, each number once, in the order in which they need each other."""
    left = {item.name: (item.formula.names if item.formula else frozenset()).union(item.of) for item in items.values()}
    found = []
    while True:
        try:
            TopologicalSorter(left).prepare()
        except CycleError as refusal:
            needing = [*reversed(refusal.args[1])][
                1:
            ]  # the sorter names each before what needs it, the first one twice
            first = needing.index(min(needing, key=[*items].index))
            found.append((*needing[first:], *needing[:first]))
            left = {name: needs.difference(needing) for name, needs in left.items() if name not in needing}
        else:
            return found


def _told(cycle: tuple[str, ...]) -> str:
    if len(cycle) == 1:
        return "This is worked out from itself. Remove its own name from its formula."
    steps = [f"{name} needs {following}" for name, following in zip(cycle, (*cycle[1:], cycle[0]), strict=True)]
    shown = steps if len(steps) <= SHOWN else [*steps[: SHOWN - 1], "and so on", steps[-1]]
    return (
        f"These are worked out from each other in a circle: {', '.join(shown)}. Write one of them without the others."
    )
