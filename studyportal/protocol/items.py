"""Hold one question of a study: what is asked, within which limits, and how its answer may be released.

Values only. There is no item without a release, because `read_protocol` makes none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

NOTHING: Mapping[str, Any] = MappingProxyType({})


def _nothing() -> Mapping[str, Any]:
    return NOTHING


@dataclass(frozen=True, slots=True)
class Release:
    """What de-identification does with an answer: a row of `TREATMENTS` and what it needs to know."""

    treatment: str
    parameters: Mapping[str, Any] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question. `minimum` and `maximum` are inclusive, in `unit`; `max_length` counts characters."""

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
    max_length: int | None = None
    required: bool = False
    quasi_identifier: bool = False
