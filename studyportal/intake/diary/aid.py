"""What a form says by itself, without a network, to somebody whose answers worry us. Pure.

The browser can tell the alerts that hang on answers of the same form; of the others it can only show whom to call.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studyportal.protocol import KINDS, Instrument, Protocol
from studyportal.protocol.contacts import contacts_for
from studyportal.protocol.document import LEVELS, Alert, Contact
from studyportal.protocol.expressions import NotAnExpression, branching


@dataclass(frozen=True, slots=True)
class Aid:
    """`told` are alerts with the tree (JSON) that a browser walks, the most pressing first; `contacts` are crisis lines
    by country, "" for everywhere else."""

    told: Sequence[tuple[Alert, str]]
    contacts: Mapping[str, Sequence[Contact]]


def aid_offline(instrument: Instrument, protocol: Protocol, *, zone: str | None = None) -> Aid:
    """The aid for one instrument; `zone` names the only country to give lines for, None gives those of all."""
    alerts = [one for one in protocol.alerts.values() if one.instrument == instrument.name and one.say]
    trees = [(one, tree) for one in alerts if (tree := _tree(one, instrument))]
    trees.sort(key=lambda pair: LEVELS.index(pair[0].level), reverse=True)
    contacts = protocol.contacts if zone is None else dict([contacts_for(protocol.contacts, zone)])
    return Aid(trees, contacts)


def _tree(alert: Alert, instrument: Instrument) -> str:
    items = instrument.items
    if not all(name in items and KINDS[items[name].kind].answered for name in alert.when.names):
        return ""
    try:
        return json.dumps(branching(alert.when), separators=(",", ":"))
    except NotAnExpression:
        return ""
