"""Read numbers: ratings, whole numbers, decimals, lengths of time, and what is worked out from them.

Refused is what would have to be guessed or rounded: 7.0 for a whole number, a comma in a decimal, signs of other
scripts, NaN.
"""

import re
from typing import NoReturn

from studyportal.protocol.items import Item
from studyportal.protocol.kinds.kind import Unacceptable
from studyportal.saying import said, said_of

WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})")
HOURS = re.compile(r"([0-9]{1,6}):([0-5][0-9])")


def whole(item: Item, raw: object, zone: str) -> int:
    """A whole number within the limits."""
    if type(raw) is str and WHOLE.fullmatch(text := raw.strip()):
        raw = int(text)
    if type(raw) is not int or not item.minimum <= raw <= item.maximum:  # type: ignore[operator]
        raise Unacceptable(
            said("Give a whole number from %(least)s to %(most)s.", least=item.minimum, most=item.maximum)
        )
    return raw


def scale(item: Item, raw: object, zone: str) -> int:
    """A point on a scale."""
    try:
        return whole(item, raw, zone)
    except Unacceptable:
        sentence = said("Choose a number from %(least)s to %(most)s.", least=item.minimum, most=item.maximum)
        raise Unacceptable(sentence) from None


def decimal(item: Item, raw: object, zone: str) -> float:
    """A number within the limits, always as a float."""
    if type(raw) is str and DECIMAL.fullmatch(text := raw.strip()):
        raw = float(text)
    # Compared before it becomes a float: a huge whole number has none, and NaN is in no range.
    if type(raw) not in (int, float) or not item.minimum <= raw <= item.maximum:  # type: ignore[operator]
        raise Unacceptable(
            said(
                "Give a number from %(least)s to %(most)s, with a point for decimals, as in 2.5.",
                least=str(item.minimum),
                most=str(item.maximum),
            )
        )
    return float(raw) + 0.0  # type: ignore[arg-type]  # minus zero becomes zero


def duration(item: Item, raw: object, zone: str) -> int:
    """Minutes, written as a number of minutes or as hours:minutes."""
    if type(raw) is str:
        text = raw.strip()
        if clock := HOURS.fullmatch(text):
            raw = int(clock[1]) * 60 + int(clock[2])
        elif WHOLE.fullmatch(text):
            raw = int(text)
    least, most = duration_limits(item)
    if type(raw) is not int or not least <= raw <= most:
        limits = {"least": in_hours(least), "most": in_hours(most)}
        if least:
            raise Unacceptable(
                said("Give hours and minutes, as in 7:30, or minutes, as in 450: from %(least)s to %(most)s.", **limits)
            )
        raise Unacceptable(said("Give hours and minutes, as in 7:30, or minutes, as in 450: up to %(most)s.", **limits))
    return raw


def worked_out(item: Item, raw: object, zone: str) -> NoReturn:
    """Nobody sends what follows from other answers: two sources could disagree."""
    raise Unacceptable(said("This is worked out from other answers. Leave it out."))


def duration_limits(item: Item) -> tuple[int, int]:
    """The shortest and the longest in minutes."""
    return int(item.minimum or 0), int(item.maximum)  # type: ignore[arg-type]


def in_hours(minutes: int) -> str:
    """Minutes in plain words: "8 hours", "90 minutes"."""
    if minutes % 60 or not minutes:
        return said_of(minutes, "%(num)d minute", "%(num)d minutes")
    return said_of(minutes // 60, "%(num)d hour", "%(num)d hours")


def describe_scale(item: Item) -> str:
    return f"A number from {item.minimum} ({item.low}) to {item.maximum} ({item.high})"


def describe_whole(item: Item) -> str:
    return f"A whole number {_limits(item)}"


def describe_decimal(item: Item) -> str:
    return f"A number {_limits(item)}"


def describe_duration(item: Item) -> str:
    least, most = duration_limits(item)
    return f"Hours and minutes, {f'from {in_hours(least)} ' if least else 'up '}to {in_hours(most)}"


def describe_computed(item: Item) -> str:
    return f"A number {_limits(item)}, worked out as {item.formula}"


def describe_score(item: Item) -> str:
    return f"The score {item.score}, from {item.minimum} to {item.maximum}, worked out from {', '.join(item.of)}"


def _limits(item: Item) -> str:
    return f"from {item.minimum} to {item.maximum}{' ' + item.unit if item.unit else ''}"
