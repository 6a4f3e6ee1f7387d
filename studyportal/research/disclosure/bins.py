"""Merge values that few people gave, so that every published bin is of 20 people at least.

From shown numbers alone. Pure.
"""

from collections.abc import Collection, Mapping, Sequence

# Facts on disclosure: each published bin has so many people, or is merged.
BIN_NEEDS = 20

# Values that stand together, in published order.
Bin = tuple[str, ...]


def merged(shown: Mapping[str, int | None], *, steps: Collection[str] = ()) -> Sequence[Bin]:
    """Values grouped until each group is shown as 20 people or more, or only one group is left.

    `shown` has the protected number of each value, in published order; hidden counts as none. Neighbours are merged
    among those values that are `steps` of an order, and a rare one beside these (not having answered) joins the largest
    group, which it changes least. Without steps, those that few gave are put together, and with the rarest other if
    that is not enough.
    """
    numbers = {value: number or 0 for value, number in shown.items()}
    groups = _steps(numbers, steps) if steps else _rare_ones(numbers)
    return [tuple(value for value in numbers if value in group) for group in groups]


def _steps(numbers: Mapping[str, int], steps: Collection[str]) -> Sequence[Collection[str]]:
    groups = _neighbours({value: number for value, number in numbers.items() if value in steps})
    for value in numbers:
        if value in steps:
            continue
        if min(numbers[value], *(_people(numbers, group) for group in groups)) >= BIN_NEEDS:
            groups.append((value,))
        else:
            largest = max(range(len(groups)), key=lambda place: _people(numbers, groups[place]))
            groups[largest] += (value,)
    return groups


def _neighbours(numbers: Mapping[str, int]) -> list[Bin]:
    groups: list[Bin] = []
    waiting: Bin = ()
    for value in numbers:
        waiting += (value,)
        if _people(numbers, waiting) >= BIN_NEEDS:
            groups.append(waiting)
            waiting = ()
    if waiting and groups:
        groups[-1] += waiting
    elif waiting:
        groups.append(waiting)
    return groups


def _rare_ones(numbers: Mapping[str, int]) -> Sequence[Collection[str]]:
    common = [value for value, number in numbers.items() if number >= BIN_NEEDS]
    rare = {value for value in numbers if value not in common}
    while common and rare and _people(numbers, rare) < BIN_NEEDS:
        rare.add(common.pop(common.index(min(common, key=lambda value: numbers[value]))))
    groups = [(value,) for value in numbers if value in common]
    return [*groups, rare] if rare else groups


def _people(numbers: Mapping[str, int], values: Collection[str]) -> int:
    return sum(numbers[value] for value in values)
