"""Cut the text of an expression into words, numbers, texts and signs.

Refused, with the position and what to write instead: texts that are too long, signs of other languages (&&, =, single
quotes), numbers that a computer would not keep exactly. Every character is looked at once.
"""

import re
from typing import NamedTuple

from studyportal.errors import Invalid

LENGTH = 1000  # characters; the longest that anybody has reason to write has 300
DIGITS = 15  # as many as a 64-bit floating point number keeps exactly, in Python and in the browser


class NotAnExpression(Invalid):
    """The text is not an expression; `position` counts from 0, the sentence says it counting from 1."""

    def __init__(self, position: int, expected: str) -> None:
        super().__init__(f"At character {position + 1}, {expected}")
        self.position = position


class Token(NamedTuple):
    """`kind` is "name", "number", "text", "sign" (also for the words and, or, not, in, yes, no) or "end"."""

    kind: str
    value: str
    position: int


WORDS = frozenset({"and", "or", "not", "in", "yes", "no"})

_PATTERN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<number>[0-9]+(?:\.[0-9]+)?(?![0-9A-Za-z_.]))
    |(?P<name>[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?(?![0-9A-Za-z_.]))
    |(?P<text>"[^"\r\n]*")
    |(?P<sign>==|!=|<=|>=(?!=)|<(?![>=])|>(?!=)|[()\[\],+\-*/])""",
    re.VERBOSE,
)

# What people write who know other languages -> what to write here. The first that fits counts.
_MEANT = (
    (r"=", "write == to compare."),
    (r"<>|!|≠", "write != for not equal and not for the opposite."),
    (r"&&?", "write and."),
    (r"\|\|?", "write or."),
    (r"≤", "write <=."),
    (r"≥", "write >=."),
    (r"['‘’“”„«»`]", 'put texts between straight double quotes, as in "this".'),
    (r'"', "a text begins that is never closed; it ends with a straight double quote on the same line."),
    (r"[×·]", "write * to multiply."),
    (r"[÷:]", "write / to divide."),
    (r"[–—−]", "write - for minus."),
    (r"[\^%]", "only + - * and / can be used to calculate."),
    (r"\.?[0-9]", "write a number in digits, with a point for decimals and digits on both sides of it, as in 0.5."),
    (r"[A-Za-z]", "names are written in small letters, digits and _, as in pain_worst or baseline.pain."),
)


def tokens(text: str) -> list[Token]:
    """The words of an expression in their order, and an end."""
    if len(text) > LENGTH:
        raise NotAnExpression(LENGTH, f"this expression becomes too long: at most {LENGTH} characters are read.")
    found, position = [], 0
    while position < len(text):
        match = _PATTERN.match(text, position)
        if match is None:
            raise NotAnExpression(position, _meant(text, position))
        kind, value = match.lastgroup, match.group()
        if kind == "number":
            _check_digits(value, position)
        if kind != "space":
            found.append(Token("sign" if value in WORDS else kind, value, position))
        position = match.end()
    return [*found, Token("end", "", len(text.rstrip()))]


def _meant(text: str, position: int) -> str:
    for pattern, sentence in _MEANT:
        if re.compile(pattern).match(text, position):
            return sentence
    return "there is a character that has no meaning in an expression."


def _check_digits(value: str, position: int) -> None:
    if len(value) > 1 and value[0] == "0" and value[1] != ".":
        raise NotAnExpression(position, "a number begins with 0; leave the 0 out, or put a code between quotes.")
    if len(value.replace(".", "")) > DIGITS:
        raise NotAnExpression(position, f"a number is too long: at most {DIGITS} digits are kept exactly.")
