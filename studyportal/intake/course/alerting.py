"""Say which alerts of the study an entry sets off, and who is there to help. Pure; keeps and logs nothing.

Told are alerts that hang on this entry alone and have words for the participant. Those that need former entries are
worked out where many entries can be opened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from studyportal.protocol import DiaryEntry, Protocol
from studyportal.protocol.alerts import raised
from studyportal.protocol.contacts import contacts_for
from studyportal.protocol.document import LEVELS, Alert, Contact
from studyportal.protocol.monitoring import in_words, is_staffed, next_staffed


@dataclass(frozen=True, slots=True)
class Help:
    """What somebody is told whose answers set off an alert.

    `contacts` are the crisis lines of `country` ("" for those of everywhere). Entries are read by the study team at
    `hours` ("" if never); `reads_now` says whether this is such an hour, `reads_next` when one begins.
    """

    alerts: Sequence[Alert]
    country: str
    contacts: Sequence[Contact]
    hours: str
    reads_now: bool
    reads_next: datetime | None

    @property
    def is_pressing(self) -> bool:
        return any(alert.level != LEVELS[0] for alert in self.alerts)


def alerts_told(entry: DiaryEntry, protocol: Protocol) -> Sequence[Alert]:
    """The alerts of this entry that have words for its writer, the most pressing first.

    They are those of the version under which it was written; of the present one, should that be unknown here.
    """
    written_under = protocol.earlier.get(entry.protocol_version, protocol)
    return [alert for alert in raised(written_under, entry.instrument, entry.answers) if alert.say]


def help_with(entry: DiaryEntry, protocol: Protocol, *, zone: str, now: datetime) -> Help | None:
    """What to tell about this entry; None if nothing is."""
    alerts = alerts_told(entry, protocol)
    return help_for(alerts, protocol, zone=zone, now=now) if alerts else None


def help_for(alerts: Sequence[Alert], protocol: Protocol, *, zone: str, now: datetime) -> Help:
    """What is told about these alerts to somebody in `zone`."""
    country, contacts = contacts_for(protocol.contacts, zone)
    monitoring = protocol.monitoring
    return Help(
        alerts,
        country,
        contacts,
        in_words(monitoring) if monitoring.hours else "",
        is_staffed(monitoring, now),
        next_staffed(monitoring, now),
    )
