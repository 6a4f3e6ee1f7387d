"""Find whom somebody may call in a crisis, by the country of their time zone. Pure.

The tables come with the time zones themselves (tzdata). A wrong number is worse than a general one: a zone has a
country only if the tables name a single one for it. Hours without a place (UTC, CET) and old names of zones that
several countries share have none, and get the lines for everywhere else.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studyportal.protocol.document import Contact

ELSEWHERE = ""


def contacts_for(contacts: "Mapping[str, Sequence[Contact]]", zone: str) -> "tuple[str, Sequence[Contact]]":
    """The country and its crisis lines; ELSEWHERE and the general ones where the study names none for the country."""
    country = country_of(zone)
    country = country if country in contacts else ELSEWHERE
    return country, tuple(contacts.get(country, ()))


def country_of(zone: str) -> str:
    """The country (ISO 3166-1, "GB") of an IANA time zone; ELSEWHERE if it has none, or is not known."""
    return _countries_of_zones().get(zone, ELSEWHERE)


@lru_cache(maxsize=1)
def country_names() -> Mapping[str, str]:
    """Every country's code and usual English name."""
    return MappingProxyType({code: name for code, name, *_ in _table("iso3166.tab")})


@lru_cache(maxsize=1)
def _countries_of_zones() -> Mapping[str, str]:
    found = {zone: country for country, _, zone, *_ in _table("zone.tab")}
    sharing = {zone: countries.split(",") for countries, _, zone, *_ in _table("zone1970.tab")}
    for line in _lines("tzdata.zi"):
        kind, *names = line.split()
        if kind != "L" or "/" not in names[1] or names[1] in found:
            continue
        countries = sharing.get(names[0], ())
        if len(countries) == 1:
            found[names[1]] = countries[0]
    return MappingProxyType(found)


def _table(name: str) -> Sequence[Sequence[str]]:
    return [line.split("\t") for line in _lines(name)]


def _lines(name: str) -> Sequence[str]:
    text = (files("tzdata") / "zoneinfo" / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
