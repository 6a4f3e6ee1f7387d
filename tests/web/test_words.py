"""Dates and numbers look the same on every page."""

from datetime import UTC, date, datetime

from studyportal.web.words import count, counted, day, moment, number, short_day


def test_a_day_is_written_with_its_weekday() -> None:
    assert day(date(2025, 3, 3)) == "Mon 3 Mar 2025"
    assert short_day(date(2025, 12, 31)) == "Wed 31 Dec"


def test_a_moment_is_written_in_the_persons_zone() -> None:
    evening = datetime(2025, 3, 3, 23, 40, tzinfo=UTC)

    assert moment(evening, "UTC") == "Mon 3 Mar 2025, 23:40"
    assert moment(evening, "Europe/Berlin") == "Tue 4 Mar 2025, 00:40"


def test_counts_are_grouped_and_agree_with_their_noun() -> None:
    assert count(12400) == "12,400"
    assert counted(1, "entry", "entries") == "1 entry"
    assert counted(0, "entry", "entries") == "0 entries"


def test_a_number_is_written_with_all_its_digits_and_without_an_exponent() -> None:
    written = [number(value) for value in (2.5, 0, 1_000_000.0, 123456.789, 0.0000001, -0.247, 500000, 1e15)]

    assert written == [
        "2.5",
        "0",
        "1,000,000",
        "123,456.789",
        "0.0000001",
        "-0.247",
        "500,000",
        "1,000,000,000,000,000",
    ]
