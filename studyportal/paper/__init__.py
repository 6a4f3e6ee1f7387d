"""Set what is printed: PDF pages as a journal sets them, the same bytes for the same input, every text escaped.

Pure but for one thing: `verified` checks signatures. Nothing here reads a database, a clock or a key.
"""

from studyportal.paper.fingerprint import fingerprint_of
from studyportal.paper.frame import Paper
from studyportal.paper.parts import (
    Facts,
    Grid,
    Heading,
    Multiples,
    NewPage,
    Part,
    Picture,
    Points,
    Prose,
    Signatures,
    ToWrite,
)
from studyportal.paper.printing import printed
from studyportal.paper.signing import Certificate, signed, verified
from studyportal.paper.verdict import Verdict
from studyportal.paper.verifying import examined

__all__ = [
    "Certificate",
    "Facts",
    "Grid",
    "Heading",
    "Multiples",
    "NewPage",
    "Paper",
    "Part",
    "Picture",
    "Points",
    "Prose",
    "Signatures",
    "ToWrite",
    "Verdict",
    "examined",
    "fingerprint_of",
    "printed",
    "signed",
    "verified",
]
