"""Know the languages of the pages' own words, and choose the one for a visitor.

The catalogues are read from their source when a room starts, so there is nothing to compile. What a catalogue does not
say yet is said in English.
"""

import json
from collections.abc import Collection, Sequence
from functools import cache
from importlib.resources import files
from io import BytesIO

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from werkzeug.datastructures import LanguageAccept

ENGLISH = "en"
CATALOGUES = files("studyportal.web") / "catalogues"


@cache
def known_languages() -> tuple[str, ...]:
    """English, and every language that has a catalogue."""
    return (ENGLISH, *sorted(one.name for one in CATALOGUES.iterdir() if one.is_dir()))


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language; a text that it does not have comes back as it is."""
    if language == ENGLISH:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, _catalogue(language))
    compiled.seek(0)
    return Translations(compiled)


@cache
def _catalogue(language: str) -> Catalog:
    source = CATALOGUES / language / "LC_MESSAGES" / "messages.po"
    return read_po(BytesIO(source.read_bytes()), locale=language)


def choose(wanted: LanguageAccept, *, chosen: str | None, study: Sequence[str], words: Collection[str]) -> str:
    """The language for a visitor, one of those of the study.

    It is what they have chosen; else the first that they want and in which there are also the pages' own `words`; else
    the first that they want of the study's; else the study's first.
    """
    if chosen in study:
        return chosen
    both = [one for one in study if one in words]
    return _first(wanted, both) or _first(wanted, study) or study[0]


def _first(wanted: LanguageAccept, offered: Sequence[str]) -> str:
    """The first language wanted that is offered; "de-AT" wants "de" before anything that comes after it."""
    by_code = {one.lower(): one for one in offered}
    for code, quality in wanted:
        found = by_code.get(code.lower()) or by_code.get(code.lower().partition("-")[0])
        if found and quality > 0:
            return found
    return ""


@cache
def script_words(language: str) -> str:
    """What a language says in place of the words of scripts, as JSON: a text, or the forms of a counted one."""
    if language == ENGLISH:
        return "{}"
    found = {}
    for message in _catalogue(language):
        if message.id and message.string and any(place.endswith(".js") for place, _ in message.locations):
            counted = not isinstance(message.id, str)
            text = message.id[0] if counted else message.id
            if all(message.string) if counted else message.string:
                found[text] = list(message.string) if counted else message.string
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


@cache
def locale_of(language: str) -> Locale:
    """How dates, numbers and lines of a language are written; English for a language that Babel does not know."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale(ENGLISH)


def direction(language: str) -> str:
    """Whether a language is written from the left ("ltr") or from the right ("rtl")."""
    return locale_of(language).text_direction


def own_name(language: str) -> str:
    """What a language is called by those who speak it: "Deutsch"."""
    name = locale_of(language).get_display_name() or language
    return name[:1].upper() + name[1:]
