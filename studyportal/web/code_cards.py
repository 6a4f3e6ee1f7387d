"""Show enrolment codes once: as pictures on a page, or as a file of cards to print."""

from collections.abc import Sequence
from datetime import date

import segno
from flask import Response

from studyportal.paper.code_sheet import CodeSheet, join_link, printed_codes

JOIN = "/join"
# How codes can be shown: on the page, or as a file of cards of a size of `code_sheet.SIZES`.
SCREEN = "screen"
PAPERS = ((SCREEN, "On this screen"), ("A4", "As cards to cut, on A4"), ("Letter", "As cards to cut, on US Letter"))


def join_address(diary: str) -> str:
    """Where people join, by intake's address; "" where that is not told."""
    return f"{diary}{JOIN}" if diary else ""


def square(content: str) -> str:
    """A square to scan, as an address for an image that is loaded from nowhere."""
    return segno.make(content, error="m", micro=False).svg_data_uri(scale=4, border=4, dark="#000", light="#fff")


def squares(codes: Sequence[str], address: str) -> list[tuple[str, str]]:
    """Each code with its square."""
    return [(code, square(join_link(address, code) if address else code)) for code in codes]


def card_file(
    codes: Sequence[str], *, study: str, site: str, address: str, until: str, made_on: date, size: str
) -> Response:
    """The cards as a PDF that is saved, never shown from a cache."""
    sheet = CodeSheet(study, site, address, until, made_on)
    answer = Response(printed_codes(sheet, codes, size=size), mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "attachment", filename="enrolment-codes.pdf")
    return answer
