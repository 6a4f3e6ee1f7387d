"""Say what the names in an expression may hold, by the items they stand for."""

from collections.abc import Mapping

from studyportal.protocol.expressions import TYPES, Domain
from studyportal.protocol.items import Item
from studyportal.protocol.kinds import KINDS, NONE


def domains_of(items: Mapping[str, Item]) -> dict[str, Domain]:
    """The names that an expression of this instrument may use; headings hold nothing."""
    return {name: domain_of(item) for name, item in items.items() if KINDS[item.kind].type in TYPES}


def domain_of(item: Item, *, elsewhere: bool = False) -> Domain:
    """The answers that an item may have. Seen from `elsewhere`, when it is asked cannot be told."""
    kind = KINDS[item.kind]
    codes = frozenset(item.choices)
    if item.none or item.kind == "body_map":
        codes |= {NONE}
    return Domain(
        type=kind.type,
        codes=codes or None,
        minimum=item.minimum,
        maximum=item.maximum,
        whole=kind.wire is int,
        asked_when=None if elsewhere else item.when,
    )
