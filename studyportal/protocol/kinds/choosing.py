"""Read answers that are chosen: yes or no, one of several, some of several.

Some of several are kept in the order of the document. The code `none` stands for the choice that excludes all others.
Refused: what was not offered, the same twice, `none` beside something else.
"""

from studyportal.protocol.items import Item
from studyportal.protocol.kinds.kind import Unacceptable, nothing
from studyportal.saying import said

NONE = "none"
YES_NO = {"yes": True, "no": False}


def yes_no(item: Item, raw: object, zone: str) -> bool:
    """True or False, or the words yes and no."""
    answer = raw if type(raw) is bool else YES_NO.get(raw.strip()) if type(raw) is str else None
    if answer is None:
        raise Unacceptable(said("Choose yes or no."))
    return answer


def choice(item: Item, raw: object, zone: str) -> str:
    """The code of one choice."""
    if type(raw) is not str or raw not in item.choices:
        raise Unacceptable(said("Choose one of the answers offered."))
    return raw


def choices(item: Item, raw: object, zone: str) -> tuple[str, ...]:
    """The codes of some choices, or the one that excludes the others."""
    offered = codes(item)
    if (
        not isinstance(raw, list | tuple)
        or not raw
        or any(type(code) is not str or code not in offered for code in raw)
    ):
        raise Unacceptable(said("Choose among the answers offered."))
    if len(set(raw)) < len(raw):
        raise Unacceptable(said("Choose each answer once."))
    if NONE in raw and len(raw) > 1:
        raise Unacceptable(said("Choose either what excludes all others, or the others."))
    return tuple(code for code in offered if code in raw)


def nothing_chosen(raw: object) -> bool:
    """Nothing was answered: an empty list counts as left out, `none` does not."""
    return nothing(raw) or (isinstance(raw, list | tuple) and not raw)


def codes(item: Item) -> tuple[str, ...]:
    """The codes that some of several can have: of the choices in their order, then `none` where it is offered."""
    return (*item.choices, NONE) if item.none or item.kind == "body_map" else tuple(item.choices)


def describe_choice(item: Item) -> str:
    return "One of: " + "; ".join(item.choices.values())


def describe_choices(item: Item) -> str:
    return "Any of: " + "; ".join(item.choices.values()) + (f"; or else: {item.none}" if item.none else "")
