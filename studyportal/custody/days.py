"""What custody's forms mean by a day: it holds until it is over everywhere that counts, in UTC."""

from datetime import UTC, date, datetime, time, timedelta

_LAST = date.max - timedelta(days=1)


def end_of(day: date) -> datetime:
    """The moment at which a day is over."""
    # The calendar ends; a day that is typed beyond every limit still has to reach the limit.
    return datetime.combine(min(day, _LAST) + timedelta(days=1), time(0), UTC)
