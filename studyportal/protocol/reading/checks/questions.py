"""Hold the expressions of questions against the other questions of their instrument.

A question is asked by what was answered before it. A number is worked out from answers, never from itself.
"""

from collections.abc import Iterator, Mapping

from studyportal.protocol.expressions import Expression, check, may_hold
from studyportal.protocol.items import Item
from studyportal.protocol.kinds import KINDS
from studyportal.protocol.reading.checks.domains import domains_of
from studyportal.protocol.reading.checks.draft import Draft

NEVER = "This can never hold, whatever is answered, so the question is never asked. Change the condition or remove it."
ELSEWHERE = "A question can only use answers of its own instrument: write the name alone. Only alerts can use others."


def check_questions(draft: Draft) -> None:
    for instrument in draft.instruments:
        items = draft.items(instrument)
        domains = domains_of(items)
        for item in items.values():
            for setting, expression in _expressions(item):
                path = f"instruments.{instrument}.items.{item.name}.{setting}"
                if any("." in name for name in expression.names):
                    draft.refuse(path, ELSEWHERE)
                elif not expression.names & draft.broken(instrument):
                    wanted = "condition" if setting == "when" else "number"
                    found = [sentence for _, sentence in check(expression, domains, wanted=wanted)]
                    found += _out_of_order(draft.names(instrument), item, items) if setting == "when" else []
                    if not found and setting == "when" and may_hold(expression, domains) is False:
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


def _uses(item: Item) -> tuple[str, ...]:
    return (*(sorted(item.formula.names) if item.formula else ()), *item.of)


def _cycles(items: Mapping[str, Item]) -> list[tuple[str, ...]]:
    """Numbers that are made of each other in a circle, each circle once."""
    found: list[tuple[str, ...]] = []
    done: set[str] = set()
    for start in items:
        way: list[str] = []
        ahead = [iter((start,))]
        while ahead:
            name = next(ahead[-1], None)
            if name is None:
                ahead.pop()
                if way:
                    done.add(way.pop())
            elif name in way:
                found.append(tuple(way[way.index(name) :]))
            elif name in items and name not in done:
                way.append(name)
                ahead.append(iter(_uses(items[name])))
    return found


def _told(cycle: tuple[str, ...]) -> str:
    if len(cycle) == 1:
        return "This is worked out from itself. Remove its own name from its formula."
    steps = ", ".join(f"{name} needs {following}" for name, following in zip(cycle, (*cycle[1:], cycle[0]), strict=True))
    return f"These are worked out from each other in a circle: {steps}. Write one of them without the others."
