"""How closely a researcher may look. A grant names one level; nothing widens it."""

from collections.abc import Mapping
from types import MappingProxyType

AGGREGATES, RECORDS = "aggregates", "records"

# From the widest protection to the narrowest, with what each means.
LEVELS: Mapping[str, str] = MappingProxyType(
    {
        AGGREGATES: "Aggregates: protected tables and their files",
        RECORDS: "Record level: also de-identified data sets, one row per person",
    }
)


def is_within(level: str, asked: str) -> bool:
    """Whether `level` shows no more than `asked` does."""
    order = list(LEVELS)
    return order.index(level) <= order.index(asked)
