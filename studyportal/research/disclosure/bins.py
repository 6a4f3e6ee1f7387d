"""Merge values that few people gave, so that every published value is of 20 people at least. From shown numbers alone. Pure."""

from collections.abc import Mapping, Sequence

# Facts on disclosure: each published bin has so many people, or is merged.
BIN_NEEDS = 20


def merged(shown: Mapping[str, int | None], *, ordered: bool) -> Sequence[tuple[str, ...]]:
    """Values grouped until each group is shown as 20 people or more, or only one group is left.

    `shown` has the protected number of each value, in published order; hidden counts as none. Neighbours are merged if the
    values are in `ordered` steps; else those that few gave are put together, and with the rarest other if that is not enough.
    """
    numbers = {value: number or 0 for value, number in shown.items()}
    return _neighbours(numbers) if ordered else _rare_ones(numbers)


def _neighbours(numbers: Mapping[str, int]) -> Sequence[tuple[str, ...]]:
    groups: list[tuple[str, ...]] = []
    waiting: tuple[str, ...] = ()
    for value in numbers:
        waiting += (value,)
        if sum(numbers[one] for one in waiting) >= BIN_NEEDS:
            groups.append(waiting)
            waiting = ()
    if waiting and groups:
        groups[-1] += waiting
    elif waiting:
        groups.append(waiting)
    return groups


def _rare_ones(numbers: Mapping[str, int]) -> Sequence[tuple[str, ...]]:
    common = [value for value, number in numbers.items() if number >= BIN_NEEDS]
    rare = {value for value in numbers if value not in common}
    while common and rare and sum(numbers[value] for value in rare) < BIN_NEEDS:
        rare.add(common.pop(common.index(min(common, key=lambda value: numbers[value]))))
    groups = [(value,) for value in numbers if value in common]
    return [*groups, tuple(value for value in numbers if value in rare)] if rare else groups
