"""Describe study documents as JSON Schema, for editors that complete and check while somebody writes.

It is made from the tables that read documents, so the two cannot differ. What only the whole document shows (names
that expressions use, cycles, sizes) is not in it.
"""

from studyportal.protocol.reading.document import WHOLE
from studyportal.protocol.reading.fields import Schema


def protocol_schema() -> Schema:
    """The JSON Schema (2020-12) of a study document."""
    shared: dict[str, Schema] = {}
    described = WHOLE.schema(shared)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Study document",
        **described,
        "$defs": shared,
    }
