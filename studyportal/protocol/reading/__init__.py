"""Turn study documents into `Protocol` values, or say every mistake in them at once, each with its line."""

from studyportal.protocol.reading.describing import protocol_schema
from studyportal.protocol.reading.document import read_protocol
from studyportal.protocol.reading.loading import SHIPPED, load_protocol

__all__ = ["SHIPPED", "load_protocol", "protocol_schema", "read_protocol"]
