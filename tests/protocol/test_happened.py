"""When something was is what its entry answers: a moment before a time of day, a time of day before a day alone."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from studyportal.protocol.happened import Happened, happened

WRITTEN = date(2026, 5, 9)
ASKED = SimpleNamespace(
    items={kind: SimpleNamespace(kind=kind) for kind in ("date", "time", "date_time", "rating")}
    | {"another": SimpleNamespace(kind="date")}
)


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({"rating": 3}, None),
        ({"date": "2026-05-06"}, Happened(date(2026, 5, 6), None)),
        ({"another": "2026-05-07"}, Happened(date(2026, 5, 7), None)),
        ({"date": "2026-05-06", "another": "2026-05-07"}, Happened(date(2026, 5, 6), None)),
        ({"time": "21:15"}, Happened(WRITTEN, datetime(2026, 5, 9, 19, 15, tzinfo=UTC))),
        ({"time": "21:15", "date": "2026-05-06"}, Happened(date(2026, 5, 6), datetime(2026, 5, 6, 19, 15, tzinfo=UTC))),
        (
            {"date_time": "2026-05-06T23:15:00+00:00[UTC]", "date": "2026-05-01"},
            Happened(date(2026, 5, 7), datetime(2026, 5, 6, 23, 15, tzinfo=UTC)),
        ),
    ],
)
def test_the_most_that_was_said_counts_and_nothing_is_made_up(answers, told):
    assert happened(ASKED, answers, diary_date=WRITTEN, zone="Europe/Berlin") == told
