"""Disclosure control: sets of people go in, protected cells come out, and no other number reaches a page or a file.

The unit of protection is the person. What stands behind `Engine` can change without any page knowing.
"""

from studyportal.research.disclosure.cells import ProtectedCell, ProtectedTable, Row, percentage
from studyportal.research.disclosure.engine import Engine, ThresholdEngine
from studyportal.research.disclosure.people import People, Roll

__all__ = ["Engine", "People", "ProtectedCell", "ProtectedTable", "Roll", "Row", "ThresholdEngine", "percentage"]
