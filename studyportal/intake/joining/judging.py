"""Judge the answers to the screening: who cannot take part now, and who must be told at once whom to call. Pure.

The same for the page and for the signature: what was checked on the way is checked again before it is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from studyportal.protocol import KINDS, Answers, InvalidAnswers, Protocol, local_date
from studyportal.protocol.alerts import raised
from studyportal.protocol.document import Alert
from studyportal.protocol.expressions import is_true
from studyportal.saying import said
from studyportal.web.answering.sent import Sent

# Where it is tomorrow first: before the form says where somebody lives, a day is refused only if it is nobody's yet.
FIRST_TOMORROW = "Pacific/Kiritimati"


@dataclass(frozen=True, slots=True)
class Judged:
    """Checked answers, why their writer cannot take part now (nobody said so: empty), and the alerts with words.

    `unfit` are the names of the conditions that `reasons` say in words."""

    answers: Answers
    reasons: tuple[str, ...]
    alerts: Sequence[Alert]
    unfit: tuple[str, ...]


def judge(sent: Sent, protocol: Protocol, *, zone: str, now: datetime) -> Judged:
    """Judge what was sent to the screening of this study; `zone` is "" while nobody knows it.

    Raises `InvalidAnswers` for answers that do not fit, and where nothing was answered.
    """
    screening = protocol.screening
    assert screening is not None, "only a study with a screening asks"
    latest = local_date(now, zone or FIRST_TOMORROW)
    answers = screening.parse(sent.answers, missing=sent.missing, zone=zone or "UTC", latest=latest)
    if not answers and not answers.missing:
        first = next(name for name, item in screening.items.items() if KINDS[item.kind].answered)
        raise InvalidAnswers({first: said("Answer at least one question.")})
    row = answers.to_wire()
    unfit = [one for one in protocol.ineligibility if is_true(one.when, row)]
    reasons = dict.fromkeys(one.say for one in unfit)
    alerts = [alert for alert in raised(protocol, screening.name, row) if alert.say]
    return Judged(answers, tuple(reasons), alerts, tuple(one.name for one in unfit))
