"""The lock: seal to somebody's key, sign, commit; the only place that imports `cryptography`.

What is here can be given to every room. Opening is a package of its own, `sealing.opening`: nothing here needs it, and
the research room is shipped without it. Recipients and contexts are arguments; there is nothing else to choose.
"""

from studyportal.sealing.context import Context
from studyportal.sealing.header import Header, read_header
from studyportal.sealing.keys import DOMAINS, Pair, PublicKey, ReadingKey, new_pair
from studyportal.sealing.padding import ON_DEMAND_SIZE
from studyportal.sealing.seals import seal, seal_to_reader

__all__ = [
    "DOMAINS",
    "ON_DEMAND_SIZE",
    "Context",
    "Header",
    "Pair",
    "PublicKey",
    "ReadingKey",
    "new_pair",
    "read_header",
    "seal",
    "seal_to_reader",
]
