"""Diary entries for tests: any that the rules allow, drawn by hypothesis."""

from datetime import UTC, date, datetime, time

import msgspec
from hypothesis import strategies as st

from studyportal.protocol import KINDS, DiaryEntry
from studyportal.protocol.columns import Row
from studyportal.protocol.entry import BY_STAFF, SOURCES, write_blind
from tests.protocol.documents import EVERY_KIND, study

PROTOCOL = study(EVERY_KIND)
EVENING = PROTOCOL.instruments["evening"]

letters = st.characters(exclude_categories=["Cs", "Cc"])
values = {
    "rating": st.integers(0, 10),
    "integer": st.integers(-5, 1000),
    "decimal": st.floats(-1, 24).map(lambda value: value + 0.0),
    "yes_no": st.booleans(),
    "choice": st.sampled_from(list(EVENING.items["where"].choices)),
    "date": st.dates(date(1900, 1, 1), date(2199, 12, 31)),
    "time": st.times().map(lambda value: time(value.hour, value.minute)),
    "notes": st.text(letters, min_size=1, max_size=80),
}
answers = st.fixed_dictionaries(
    {},
    optional={name: values[item.kind].map(KINDS[item.kind].to_wire) for name, item in EVENING.items.items()},
)
moments = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
_any_entry = st.builds(
    DiaryEntry,
    instrument=st.just("evening"),
    protocol_version=st.sampled_from(["1.10", "1.1", "2"]),
    diary_date=st.dates().map(date.isoformat),
    zone=st.sampled_from(["Europe/Berlin", "UTC", "Etc/GMT+12", "America/Argentina/Buenos_Aires"]),
    source=st.sampled_from(sorted(set(SOURCES) - BY_STAFF)),
    answers=answers,
    blind=st.binary(min_size=32, max_size=32).map(write_blind),
    event_at=st.none() | moments.map(datetime.isoformat),
    saved_at=st.none() | st.sampled_from(["2026-03-03T21:40:00+01:00", "2026-03-03T21:40:00.5Z"]),
    amends=st.none() | st.uuids().map(str),
)
_of_staff = st.builds(
    lambda entry, source, name: msgspec.structs.replace(entry, source=source, written_by=name),
    _any_entry,
    st.sampled_from(sorted(BY_STAFF)),
    st.text(letters, min_size=1, max_size=80).filter(str.isprintable),
)
entries = _any_entry | _of_staff
rows = st.builds(Row, st.uuids(), moments, st.none() | st.integers(1, 36_500), st.booleans(), entries)

MONDAY = DiaryEntry(
    instrument="evening",
    protocol_version="1.10",
    diary_date="2026-03-02",
    zone="Europe/Berlin",
    source="participant",
    answers={"how": 7, "hours": 6.0, "note": 'Zo\u00eb said "rest"\n'},
    blind=write_blind(bytes(range(32))),
    saved_at="2026-03-02T21:40:00+01:00",
)
