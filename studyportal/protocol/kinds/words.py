"""Read what people write in their own words: a line, or notes. And what only stands between questions.

Text is kept in one form (NFC, line ends as \\n, nothing around it). Refused: what is too long, signs that steer a
terminal or that UTF-8 cannot hold, a second line where one is asked for.
"""

import re
import unicodedata
from typing import NoReturn

from studyportal.protocol.items import Item
from studyportal.protocol.kinds.kind import Unacceptable
from studyportal.saying import said

# Exactly the categories Cc (but for \n and \t) and Cs of Unicode.
UNKEEPABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def notes(item: Item, raw: object, zone: str) -> str:
    """A text of any number of lines; it may be blank once the spaces around it are gone."""
    if type(raw) is not str:
        raise Unacceptable(said("Write this as text."))
    most: int = item.max_length  # type: ignore[assignment]
    if len(raw) > 8 * most:  # normalising shortens a text by a small factor only; a flood is not worth it
        raise Unacceptable(said("Shorten this to %(most)d characters.", most=most))
    if raw.isascii() and raw.isprintable():  # most texts: nothing to normalise or refuse
        text = raw.strip()
    else:
        text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n")).strip()
        if UNKEEPABLE.search(text):
            raise Unacceptable(
                said("There is a character in this text that cannot be kept. Delete it or write the text again.")
            )
    if len(text) > most:
        raise Unacceptable(said("Shorten this to %(most)d characters; it has %(long)d.", most=most, long=len(text)))
    return text


def line(item: Item, raw: object, zone: str) -> str:
    """A text of one line."""
    text = notes(item, raw, zone)
    if "\n" in text or "\t" in text:
        raise Unacceptable(said("Write this in one line."))
    return text


def between(item: Item, raw: object, zone: str) -> NoReturn:
    """A heading or an explanation takes no answer."""
    raise Unacceptable(said("This is no question. Leave it out."))


def describe_notes(item: Item) -> str:
    return f"A text of at most {item.max_length} characters"


def describe_line(item: Item) -> str:
    return f"A line of at most {item.max_length} characters"
