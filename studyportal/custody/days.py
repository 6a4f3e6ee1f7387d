"""What custody's forms mean by a day: it holds until it is over everywhere that counts, in UTC."""

from datetime import UTC, date, datetime, time, timedelta


def end_of(day: date) -> datetime:
    """The moment at which a day is over."""
    return datetime.combine(day + timedelta(days=1), time(0), UTC)
