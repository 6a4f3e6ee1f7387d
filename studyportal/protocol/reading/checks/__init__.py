"""Find what only the whole document shows. Each check looks at all of it and says every mistake."""

from studyportal.protocol.reading.checks.alerts import check_alerts, check_eligibility, check_warnings
from studyportal.protocol.reading.checks.instruments import check_carried, check_events, check_former_names, check_sizes
from studyportal.protocol.reading.checks.questions import check_questions
from studyportal.protocol.reading.checks.republishing import check_republishing
from studyportal.protocol.reading.checks.scores import check_scores

CHECKS = (
    check_questions, check_scores, check_events, check_sizes, check_former_names, check_carried, check_alerts,
    check_eligibility, check_republishing, check_warnings,
)  # fmt: skip
