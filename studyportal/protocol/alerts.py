"""Say which alerts an entry raises, and write down which for whoever answers them. Pure.

An alert that reads former entries can only be told where many entries can be opened: `raised` leaves those out, and
`raised_by_history` tells those alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from studyportal.errors import Invalid
from studyportal.protocol.document import LEVELS, Alert, Instrument, Protocol
from studyportal.protocol.expressions import is_true


def raised(protocol: Protocol, instrument: str, answers: Mapping[str, object]) -> Sequence[Alert]:
    """The alerts that these answers (as an entry keeps them) raise by themselves, the most pressing first.

    `protocol` is the version under which they were written.
    """
    return _holding(protocol, instrument, answers, reads_former=False)


def raised_by_history(
    protocol: Protocol, instrument: str, answers: Mapping[str, object], former: Mapping[str, object]
) -> Sequence[Alert]:
    """The alerts that these answers raise together with `former` ones (by names with a dot), the most pressing
    first."""
    return _holding(protocol, instrument, {**former, **answers}, reads_former=True)


def _holding(
    protocol: Protocol, instrument: str, answers: Mapping[str, object], *, reads_former: bool
) -> Sequence[Alert]:
    found = [
        alert
        for alert in protocol.alerts.values()
        if alert.instrument == instrument and alert.reads_former is reads_former and is_true(alert.when, answers)
    ]
    return sorted(found, key=lambda alert: LEVELS.index(alert.level), reverse=True)


def former_names(protocol: Protocol, instrument: str) -> frozenset[str]:
    """What the alerts on this instrument read in former entries, as names with a dot."""
    alerts = (alert for alert in protocol.alerts.values() if alert.instrument == instrument)
    return frozenset(name for alert in alerts for name in alert.when.names if "." in name)


def is_looked_back_from(protocol: Protocol, instrument: Instrument) -> bool:
    """Whether former entries are read when an entry of this instrument comes.

    Entries on demand are told apart by nobody who cannot open them, so one such alert makes all of them looked at.
    """
    return any(
        alert.reads_former and (alert.instrument == instrument.name or (instrument.on_demand and other.on_demand))
        for alert in protocol.alerts.values()
        if (other := protocol.instruments[alert.instrument])
    )


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    protocol_version: str
    alerts: list[str]


@dataclass(frozen=True, slots=True)
class Raised:
    """What stands under the seal of an alert: names of alerts, and the version of the study that they are of."""

    protocol_version: str
    names: tuple[str, ...]


def write_raised(protocol: Protocol, alerts: Sequence[str]) -> bytes:
    """The body that is sealed; one with every alert of the protocol is the longest there is."""
    return msgspec.json.encode(_Body(protocol.study.version, list(alerts)))


def read_raised(body: bytes) -> Raised:
    """What `write_raised` wrote. Raises `Invalid` for anything else."""
    try:
        read = msgspec.json.decode(body, type=_Body)
    except msgspec.MsgspecError:
        raise Invalid("This is not what stands under the seal of an alert.") from None
    return Raised(read.protocol_version, tuple(read.alerts))
