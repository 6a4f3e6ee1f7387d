"""A zone leads to the lines of its country, and never to those of another."""

from zoneinfo import available_timezones

import pytest

from studyportal.protocol.contacts import ELSEWHERE, contacts_for, country_names, country_of
from studyportal.protocol.document import Contact

SAMARITANS = Contact(name="Samaritans", phone="116 123")
TELEFONSEELSORGE = Contact(name="Telefonseelsorge", phone="0800 111 0 111")
ANYWHERE = Contact(name="Your local emergency number", phone="112")
CONTACTS = {"GB": (SAMARITANS,), "DE": (TELEFONSEELSORGE,), ELSEWHERE: (ANYWHERE,)}


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("Europe/London", "GB"),
        ("Europe/Berlin", "DE"),
        ("Europe/Busingen", "DE"),
        ("Atlantic/Reykjavik", "IS"),  # the same clock as Abidjan
        ("Europe/Amsterdam", "NL"),  # the same clock as Brussels
        ("Asia/Calcutta", "IN"),
        ("US/Eastern", "US"),
    ],
)
def test_a_zone_belongs_to_its_own_country(zone, country):
    assert country_of(zone) == country


@pytest.mark.parametrize(
    "zone",
    ["UTC", "Etc/GMT+3", "CET", "EST", "MST7MDT", "Iceland", "Atlantic/Jan_Mayen", "Africa/Timbuktu", "Europe/Belfast", "",
     "Europe/Atlantis", "../zone.tab"],
)  # fmt: skip
def test_hours_without_a_place_and_names_that_countries_share_have_none(zone):
    assert country_of(zone) == ELSEWHERE


def test_every_zone_that_has_a_country_has_one_that_there_is():
    countries = {country_of(zone) for zone in available_timezones()} - {ELSEWHERE}

    assert countries <= country_names().keys()
    assert len(countries) > 240
    assert country_names()["DE"] == "Germany"


@pytest.mark.parametrize(
    ("zone", "found"),
    [
        ("Europe/London", ("GB", (SAMARITANS,))),
        ("Europe/Berlin", ("DE", (TELEFONSEELSORGE,))),
        ("America/Lima", (ELSEWHERE, (ANYWHERE,))),
        ("UTC", (ELSEWHERE, (ANYWHERE,))),
    ],
)
def test_people_get_the_lines_of_their_country_or_those_for_everywhere_else(zone, found):
    assert contacts_for(CONTACTS, zone) == found


def test_a_study_that_names_nobody_gives_nobody():
    assert contacts_for({}, "Europe/London") == (ELSEWHERE, ())
