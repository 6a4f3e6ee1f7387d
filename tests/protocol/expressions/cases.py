"""Make conditions of the branching part and rows to try them on, always the same ones for a seed.

The values are few, so that comparisons often meet their edge, and rows do not keep to types: answers are missing,
null, or of another kind than the condition thinks.
"""

from collections.abc import Mapping
from random import Random
from typing import Any, NamedTuple

OPERATORS = ("==", "!=", "<", "<=", ">", ">=")

# The answers that a name may have, and what it is compared with as text of the language.
NUMBERS = ([0, 1, 3, 4, 10, -1, 2.5, 3.0, 123456789012345], ["0", "1", "3", "4", "10", "-1", "2.5", "123456789012345"])
TRUTHS = ([True, False], ["yes", "no"])
CODES = (["cold", "heat", "stress", "none"], ['"cold"', '"heat"', '"stress"', '"none"'])
SEVERAL = (
    [["cold"], ["heat", "cold"], ["stress"], ["none"], ["cold", "heat", "stress"], [], ["heat", 3]],
    ['"cold"', '"heat"', '"stress"', '"none"'],
)
DATES = (["2026-02-28", "2026-03-01", "2024-02-29", "1999-12-31"], ['"2026-02-28"', '"2026-03-01"', '"2024-02-29"'])
TIMES = (["00:00", "09:05", "21:40", "23:59"], ['"00:00"', '"09:05"', '"21:40"'])
TEXTS = (
    ["", "calm", "Übelkeit", "a 🌊", "10", "2026-02-28x", "yes"],
    ['""', '"calm"', '"Übelkeit"', '"a 🌊"', '"10"', '"yes"'],
)
NAMES: Mapping[str, tuple[list[Any], list[str]]] = {
    "pain": NUMBERS, "worst": NUMBERS, "baseline.pain": NUMBERS, "flare": TRUTHS, "sick": TRUTHS, "cause": CODES,
    "other_cause": CODES, "causes": SEVERAL, "sites": SEVERAL, "day": DATES, "since": DATES, "woke": TIMES,
    "slept": TIMES, "note": TEXTS, "constructor": TEXTS,
}  # fmt: skip
ALIKE = [
    [name for name, values in NAMES.items() if values is kind] for kind in (NUMBERS, TRUTHS, CODES, DATES, TIMES, TEXTS)
]
ANYTHING = [value for values, _ in NAMES.values() for value in values]


class Case(NamedTuple):
    condition: str
    row: dict[str, Any]


def cases(count: int, seed: int) -> list[Case]:
    """So many conditions, each with a row."""
    rng = Random(seed)
    return [Case(_condition(rng, depth=rng.choice((0, 0, 1, 1, 2, 3))), _row(rng)) for _ in range(count)]


def _row(rng: Random) -> dict[str, Any]:
    row = {}
    for name, (values, _) in NAMES.items():
        dice = rng.random()
        if dice < 0.72:
            row[name] = rng.choice(values)
        elif dice < 0.82:
            row[name] = None
        elif dice < 0.9:
            row[name] = rng.choice(ANYTHING)
    return row


def _condition(rng: Random, *, depth: int) -> str:
    if depth == 0:
        return _comparison(rng)
    form = rng.choice(("and", "or", "not"))
    if form == "not":
        return f"not ({_condition(rng, depth=depth - 1)})"
    parts = [f"({_condition(rng, depth=rng.randrange(depth))})" for _ in range(rng.randint(2, 4))]
    return f" {form} ".join(parts)


def _comparison(rng: Random) -> str:
    name = rng.choice([*NAMES])
    _, written = NAMES[name]
    match rng.choice(("value", "value", "value", "name", "list", "member", "alone", "anything")):
        case "value":
            sides = [name, rng.choice(written)]
            return f" {rng.choice(OPERATORS)} ".join(sides if rng.random() < 0.8 else sides[::-1])
        case "name":
            return f" {rng.choice(OPERATORS)} ".join(rng.choices(rng.choice(ALIKE), k=2))
        case "list":
            return f"{name} in [{', '.join(rng.choices(written, k=rng.randint(1, 4)))}]"
        case "member":
            one = rng.choice([*SEVERAL[1], "cause", "note", "pain"])
            return f"{one} in {rng.choice(('causes', 'sites', 'causes', 'cause', 'note'))}"
        case "alone":
            return rng.choice(("flare", "sick", "yes", "no", name))
    _, others = NAMES[rng.choice([*NAMES])]
    return f"{name} {rng.choice(OPERATORS)} {rng.choice(others)}"
