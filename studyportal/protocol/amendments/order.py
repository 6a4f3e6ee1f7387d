"""Put versions in order: by their numbers, so that 1.10 comes after 1.9. Versions that only punctuation tells apart
are one version: their columns would have one name."""

import re
from collections.abc import Sequence

from studyportal.protocol.document import Protocol

_PART = re.compile(r"[0-9]+|[a-z]+")


def sort_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """Equal for versions that count as the same one."""
    parts = _PART.findall(version.lower())
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts)


def is_later(version: str, than: str) -> bool:
    """Whether a version comes after another."""
    return sort_key(version) > sort_key(than)


def versions(protocol: Protocol) -> Sequence[Protocol]:
    """The study in all its versions, the oldest first, the present one last."""
    return (*protocol.earlier.values(), protocol)
