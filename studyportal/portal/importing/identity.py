"""Give participants and entries of a file the same names in every run, so that importing twice changes nothing.

The names are hashes: the registry never holds what the file calls a person.
"""

import hashlib
import json
from uuid import UUID, uuid5

from studyportal.registry.codes import ALPHABET

NAMESPACE = UUID("5f0d3a52-6d0a-4b0e-9a53-0d1f0c5a7c11")


def participant_code(site: str, study: str, participant: str) -> str:
    """What an imported participant is called at their site, such as "SBM-4F7K-91QD": 40 bits of a hash."""
    digest = hashlib.sha256(json.dumps(["participant", study, participant]).encode()).digest()
    number = "".join(ALPHABET[byte & 31] for byte in digest[:8])
    return f"{site}-{number[:4]}-{number[4:]}"


def entry_id(study: str, participant: str, instrument: str, study_day: int) -> UUID:
    """The id of one entry: uuid5 over study, participant and occasion."""
    return uuid5(uuid5(NAMESPACE, study), json.dumps([participant, instrument, study_day]))
