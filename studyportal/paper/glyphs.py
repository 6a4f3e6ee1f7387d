"""Write text so that every character of it can be printed, and nothing unseen is in it.

Where the type lacks a letter, a black box would hide that something was said. A symbol becomes its name in brackets,
[grinning face]; letters of another script, which would have to be shaped and set from the right, become their number,
[5 Hebrew letters]. Whoever reads the paper is told that something stands in the record and can open it there.
Characters without a shape (controls, marks that turn the direction of reading, joiners) are left out.
"""

import re
import unicodedata
from functools import lru_cache

from studyportal.paper.fonts import know_fonts

_WIDE = re.compile(r"[^\x20-\x7e\n]")
# Unseen (Cc, Cf, and the selectors of emoji), unassigned, private, or half of a pair.
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
_MODIFIERS = re.compile("[\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U0001f9b0-\U0001f9b3\u20e3]")
_SPACES = {"\t": " ", "\r": "\n", "\u2028": "\n", "\u2029": "\n", "\x0b": "\n", "\x0c": "\n", "\x85": "\n"}


@lru_cache(maxsize=4096)
def printable(text: str) -> str:
    """The text with a readable mark for whatever has no letter."""
    if not _WIDE.search(text):
        return text
    known = know_fonts()
    out: list[str] = []
    # Letters of one script, with the blanks between their words, are told together.
    script, count, blanks = "", 0, ""
    for character in unicodedata.normalize("NFC", text.replace("\r\n", "\n")):
        character = _SPACES.get(character, character)
        foreign = "" if character == "\n" or ord(character) in known else _script(character)
        if count and character == " ":
            blanks += character
            continue
        if count and foreign != script:
            out += [_counted(count, script), blanks]
            count = 0
        blanks = ""
        if foreign:
            script, count = foreign, count + 1
        else:
            out.append(_one(character, known))
    return "".join([*out, _counted(count, script), blanks] if count else out)


def _one(character: str, known: frozenset[int]) -> str:
    if character == "\n" or (ord(character) in known and unicodedata.category(character) not in _UNSEEN):
        return character
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category in _UNSEEN or category.startswith("M") or _MODIFIERS.match(character):
        return "" if category != "Co" else "[private sign]"
    return f"[{unicodedata.name(character, 'sign').lower()}]"


def _script(character: str) -> str:
    """The script of a letter that the type lacks; "" for symbols, marks and what is unseen."""
    if not unicodedata.category(character).startswith("L"):
        return ""
    return unicodedata.name(character, "foreign").split()[0].split("-")[0].capitalize()


def _counted(count: int, script: str) -> str:
    name = "Chinese" if script == "Cjk" else script
    return f"[{count} {name} letter{'' if count == 1 else 's'}]"
