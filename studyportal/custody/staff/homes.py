"""Where each role works: the room where it signs in, the database of that room's accounts, what it may do. Pure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Home(NamedTuple):
    """A room and the database of its accounts."""

    room: str
    bind: str


HOMES: Mapping[str, Home] = MappingProxyType(
    {
        "administrator": Home("custody", "keyring"),
        "auditor": Home("custody", "keyring"),
        "clinician": Home("clinic", "registry"),
        "coordinator": Home("clinic", "registry"),
        "custodian": Home("custody", "keyring"),
        "researcher": Home("research", "workbench"),
    }
)
AT_A_SITE = frozenset({"clinician", "coordinator"})

# What whoever chooses a role must know of it; in the order in which most are needed.
DUTIES: Mapping[str, str] = MappingProxyType(
    {
        "clinician": "Clinician: answers alerts and reads what participants of their site wrote",
        "coordinator": "Coordinator: enrols participants at their site and follows their diaries",
        "researcher": "Researcher: asks for access; sees nothing until a data custodian approves it",
        "custodian": "Data custodian: holds the keys, approves researchers, publishes snapshots",
        "auditor": "Auditor: reads the audit trail and nothing else",
        "administrator": "Administrator: makes sites and accounts, as you do; sees no data",
    }
)

# What ending an account of a role does besides, for the page that asks for it.
CONSEQUENCES: Mapping[str, str] = MappingProxyType(
    {
        "administrator": "The others go on.",
        "auditor": "The trail stays as it is.",
        "clinician": "Alerts that they had taken on stay open, for a colleague to take over.",
        "coordinator": "Codes and links that they gave out go on.",
        "custodian": "Approvals that they signed go on. If they could read the key file, replace the keys (studyportal custody rotate).",
        "researcher": "Nothing of their projects opens any more; a release that is being made is not handed out.",
    }
)
