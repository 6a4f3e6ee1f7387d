"""The type of everything printed: Source Sans, embedded. It has Latin, Greek and Cyrillic letters."""

from functools import cache

import font_source_sans_pro
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

# No italic: it has neither Greek nor Cyrillic letters.
REGULAR, BOLD = "Source Sans Paper", "Source Sans Paper Semibold"
_FACES = {REGULAR: "SourceSansPro", BOLD: "SourceSansProSemibold"}


@cache
def know_fonts() -> frozenset[int]:
    """Make the type known to the PDF library; the code points that it has letters for."""
    for name, face in _FACES.items():
        pdfmetrics.registerFont(TTFont(name, font_source_sans_pro.font_files_ttf[face]))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
    pdfmetrics.registerFontFamily(BOLD, normal=BOLD, bold=BOLD, italic=BOLD, boldItalic=BOLD)
    faces = [set(pdfmetrics.getFont(name).face.charToGlyph) for name in _FACES]
    return frozenset(set.intersection(*faces))
