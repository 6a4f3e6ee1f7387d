"""Take mail addresses at the door. Plain ones only: nothing that could begin another header or name two people."""

import re

from studyportal.errors import Invalid

_ADDRESS = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_])?@(?=.{1,189}\Z)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)


def read_address(text: str) -> str:
    """The address as it stands. Raises `Invalid` for anything but one plain address such as care@clinic.example."""
    if not _ADDRESS.fullmatch(text) or ".." in text:
        raise Invalid("Write one plain mail address, such as care@clinic.example.")
    return text
