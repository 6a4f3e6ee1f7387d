"""Read the clock. Only the outermost callers do; everything inside is told the time."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)
