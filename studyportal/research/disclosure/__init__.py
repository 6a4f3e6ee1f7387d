"""Disclosure control: sets of people go in, protected cells come out, and no other number reaches a page or a file.

The unit of protection is the person. What stands behind `Engine` can change without any page knowing.
"""

from studyportal.research.disclosure.answering import Answered, Answering
from studyportal.research.disclosure.cells import ProtectedCell, ProtectedTable, Row, percentage
from studyportal.research.disclosure.chance import Chance
from studyportal.research.disclosure.engine import Engine, Measured
from studyportal.research.disclosure.people import People, Roll
from studyportal.research.disclosure.protection import Protection

__all__ = [
    "Answered",
    "Answering",
    "Chance",
    "Engine",
    "Measured",
    "People",
    "ProtectedCell",
    "ProtectedTable",
    "Protection",
    "Roll",
    "Row",
    "percentage",
]
