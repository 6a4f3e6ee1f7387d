"""What the research room does in the background when the workbench's outbox asks for it.

Each handler may be called again with the same work.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from studyportal.audit import Actor
from studyportal.outbox import Work
from studyportal.protocol import load_protocol
from studyportal.research.holdings import held
from studyportal.research.reports.actions import make_report
from studyportal.research.reports.cohort_report import Look
from studyportal.research.settings import ResearchSettings

WORKER = Actor("research", "worker", "worker")

Handler = Callable[..., None]


def handle_report(work: Work, *, settings: ResearchSettings, now: datetime) -> None:
    """Make a report (payload: report)."""
    protocol = load_protocol(settings.protocol)
    look = Look(f"{settings.origin}/verify", settings.synthetic, protocol.language)
    holdings = held(settings, study=protocol.study.code)
    make_report(UUID(work.payload["report"]), held=holdings, look=look, actor=WORKER, now=now)


# Outbox kind in the workbench -> what to do; called inside the research room's application context.
HANDLERS: Mapping[str, Handler] = {"report": handle_report}
