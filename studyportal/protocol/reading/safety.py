"""Read what keeps people safe: who cannot take part, which answers need a clinician, whom to call, and who reads
when."""

import re
from collections.abc import Mapping
from datetime import time
from typing import Any

from studyportal.errors import Invalid
from studyportal.protocol.contacts import ELSEWHERE, country_names
from studyportal.protocol.document import LEVELS, Contact, Monitoring, StaffedHours
from studyportal.protocol.reading.fields import ByName, Field, ListOf, Names, Record, Shaped, Then
from studyportal.protocol.reading.formulas import Formula
from studyportal.protocol.reading.places import WRONG, Place
from studyportal.protocol.reading.questions import NAME, PLAIN_NAMES
from studyportal.protocol.reading.texts import Words
from studyportal.protocol.reading.values import Plain, Word, one_of
from studyportal.protocol.schedules import zone_named

_CONDITION = "Write the condition, such as when: pain_average >= 9."

INELIGIBILITY = {
    "when": Field(Formula(), "Who cannot take part: a condition over the answers to the screening.", _CONDITION),
    "say": Field(Words(500), "What this person is told.", "Write what this person is told (say)."),
}
ELIGIBILITY = ByName(reader=Record(INELIGIBILITY), names=PLAIN_NAMES, what="reasons", least=1, most=50)

ALERT = {
    "on": Field(
        Word(NAME, "Write the name of an instrument."),
        "The instrument whose entries are looked at.",
        "Name the instrument whose entries are looked at, such as on: evening.",
    ),
    "when": Field(
        Formula(),
        "The condition. A name with a dot, as in baseline.pain_usual, is the latest former answer to that instrument.",
        _CONDITION,
    ),
    "level": Field(
        one_of(LEVELS), "How pressing it is; it stands in clear.", "Say how pressing it is: level: low, high or urgent."
    ),
    "title": Field(Words(200), "What the clinician reads first.", "Give this alert a title."),
    "say": Field(Words(1000, paragraphs=True), "What the participant is told at once."),
    "act": Field(Words(1000, paragraphs=True), "What the clinician should do."),
}
ALERTS = ByName(reader=Record(ALERT), names=PLAIN_NAMES, what="alerts", least=1, most=50)

CONTACT = {
    "name": Field(Plain(100), "Who answers there.", "Say who answers there (name)."),
    "phone": Field(
        Word(r"\+?[0-9][0-9 ()/-]{1,28}[0-9]", "Write a telephone number in digits, between quotes."),
        "The telephone number.",
        'Give the telephone number, such as phone: "116 123".',
    ),
    "hours": Field(Words(100), "When somebody answers, such as day and night."),
    "web": Field(
        Word(r"https://[!-~]{3,190}", "Write an address that begins with https://."), "An address on the web."
    ),
}
_LINES = ListOf(
    reader=Then(Record(CONTACT), lambda values, place: Contact(**values)), what="contacts", least=1, most=10
)
COUNTRY = Names(
    re.compile("|".join((*sorted(country_names()), "elsewhere")), re.ASCII),
    "Write a country as its two capital letters (ISO 3166), such as GB, or elsewhere.",
    cased=True,
)


def _by_country(lines: Mapping[str, Any], place: Place) -> Any:
    return {ELSEWHERE if country == "elsewhere" else country: given for country, given in lines.items()}


CONTACTS = Then(ByName(reader=_LINES, names=COUNTRY, what="countries", least=1, most=250), _by_country)

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = "|".join(DAYS)
_WEEK = Names(re.compile(rf"(?:{_DAY})(?:-(?:{_DAY}))?"), "Write a day or days, such as mon-fri or sat.", cased=True)
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"


def _as_times(value: str) -> tuple[time, time]:
    begins, ends = value.split("-")
    return time.fromisoformat(begins), time(0) if ends == "24:00" else time.fromisoformat(ends)


_TIMES = Word(
    rf"{_CLOCK}-(?:{_CLOCK}|24:00)", 'Write from when to when, between quotes, such as "09:00-17:00".', _as_times
)


def _as_hours(hours: Mapping[str, Any], place: Place) -> Any:
    found: list[StaffedHours] = []
    for days, times in hours.items():
        first, _, last = days.partition("-")
        if not {first, last or first} <= set(DAYS):
            return WRONG
        begin = DAYS.index(first)
        count = (DAYS.index(last or first) - begin) % len(DAYS) + 1
        named = frozenset((begin + more) % len(DAYS) for more in range(count))
        if any(named & other.days for other in found):
            return place.refuse("A day stands here twice. Write its hours once.")
        found.append(StaffedHours(named, *times))
    return tuple(found)


def _known_zone(name: str, place: Place) -> Any:
    try:
        zone_named(name)
    except Invalid as refusal:
        return place.refuse(refusal.sentence)
    return name


ZONE = Then(Plain(64), _known_zone)
MONITORING = {
    "zone": Field(
        ZONE, "The clock that the hours are on.", "Name the time zone of the clinic, such as zone: Europe/London."
    ),
    "hours": Field(
        Then(ByName(reader=_TIMES, names=_WEEK, what="days", least=1, most=7), _as_hours),
        "When somebody reads alerts, by day of the week.",
        'Say when somebody reads alerts, such as hours: {mon-fri: "09:00-17:00"}, or write monitoring: nobody.',
    ),
}
STAFFED = Shaped(
    "Write nobody, or the time zone and the hours.",
    text=Then(one_of(["nobody"]), lambda value, place: Monitoring()),
    table=Then(Record(MONITORING), lambda values, place: Monitoring(**values)),
)
