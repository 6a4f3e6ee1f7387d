"""Hold one question of a study: what is asked, within which limits, and how its answer may be released.

Values only. There is no item without a release, because `read_protocol` makes none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studyportal.protocol.expressions import Expression

NOTHING: Mapping[str, Any] = MappingProxyType({})

# What may stand in place of an answer, and how it is said if the document does not.
REASONS: Mapping[str, str] = MappingProxyType(
    {"not_said": "I prefer not to say", "not_applicable": "This does not apply to me"}
)


def _nothing() -> Mapping[str, Any]:
    return NOTHING


@dataclass(frozen=True, slots=True)
class Release:
    """What de-identification does with an answer: a row of `TREATMENTS` and what it needs to know."""

    treatment: str
    parameters: Mapping[str, Any] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question, or something that stands between questions.

    `minimum` and `maximum` are inclusive, in `unit`; `max_length` counts characters. `when` is the branch on which it
    is asked (None: always). `carry_over`: a tap may fill it in from the entry before, and a day or moment with the
    present one. `missing` maps each reason that may stand in place of an answer to its words. `choices` maps codes to
    texts (of a body map: regions to names); `none` is the text of the choice that excludes all others ("" if there is
    none). A group has `items` of its own, asked up to `at_most` times. A computed item has a `formula`, a score the
    name of a row of `SCORES` and the items it is made `of`. `was` is the name that this item had in the version before,
    `recode` maps codes of that version to codes of this one.
    """

    name: str
    ask: str
    kind: str
    release: Release
    hint: str = ""
    low: str = ""
    high: str = ""
    minimum: int | float | None = None
    maximum: int | float | None = None
    unit: str = ""
    choices: Mapping[str, str] = field(default_factory=_nothing)
    none: str = ""
    max_length: int | None = None
    required: bool = False
    quasi_identifier: bool = False
    carry_over: bool = False
    when: "Expression | None" = None
    missing: Mapping[str, str] = field(default_factory=_nothing)
    items: "Mapping[str, Item]" = field(default_factory=_nothing)
    at_most: int = 0
    formula: "Expression | None" = None
    score: str = ""
    of: tuple[str, ...] = ()
    was: str = ""
    recode: Mapping[str, str] = field(default_factory=_nothing)
