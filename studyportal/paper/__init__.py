"""Set what is printed: PDF pages as a journal sets them, the same bytes for the same input, every text escaped.

Pure but for one thing: `verified` checks signatures. Nothing here reads a database, a clock or a key.
"""

from studyportal.paper.fingerprint import fingerprint_of
from studyportal.paper.frame import Paper
from studyportal.paper.parts import Facts, Grid, Heading, Multiples, NewPage, Part, Picture, Points, Prose, Signatures
from studyportal.paper.printing import printed
from studyportal.paper.signing import Certificate, Verdict, signed, verified

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
    "Verdict",
    "fingerprint_of",
    "printed",
    "signed",
    "verified",
]
