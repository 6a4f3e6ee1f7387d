"""Say which alerts an entry raises, and how pressing they are together. Pure.

Said of one entry alone: an alert that reads former entries can only be told where many entries can be opened.
"""

from collections.abc import Mapping, Sequence

from studyportal.protocol.document import LEVELS, Alert, Protocol
from studyportal.protocol.expressions import is_true


def raised(protocol: Protocol, instrument: str, answers: Mapping[str, object]) -> Sequence[Alert]:
    """The alerts that these answers (as an entry keeps them) raise by themselves, the most pressing first.

    `protocol` is the version under which they were written.
    """
    found = [
        alert
        for alert in protocol.alerts.values()
        if alert.instrument == instrument and not alert.reads_former and is_true(alert.when, answers)
    ]
    return sorted(found, key=lambda alert: LEVELS.index(alert.level), reverse=True)
