"""Print the summary: one audit event that it was, without what is on it. The paper itself is kept nowhere."""

from datetime import datetime
from zoneinfo import ZoneInfo

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import writing
from studyportal.intake.enrolment.sessions import Enrolled
from studyportal.intake.summary.laid_out import LaidOut
from studyportal.intake.summary.parts import Wanted, parts_of
from studyportal.intake.summary.spoken import spoken
from studyportal.paper import Paper, printed
from studyportal.protocol import Protocol
from studyportal.saying import said
from studyportal.web.translating import in_words
from studyportal.web.words import day

TITLE, KIND = said("Diary summary"), said("Own printout")
PROTECTION = said(
    "Printed by the person who kept the diary, from what they wrote. Signed by nobody and checked by nobody."
)


def print_summary(
    enrolled: Enrolled,
    shown: LaidOut,
    wanted: Wanted,
    *,
    names_study: bool,
    size: str,
    protocol: Protocol,
    synthetic: bool,
    now: datetime,
) -> tuple[str, bytes]:
    """The name of the file and the PDF. `names_study` where what they took is on it."""
    at = now.astimezone(ZoneInfo(enrolled.zone)).replace(microsecond=0)
    paper = Paper(
        title=in_words(TITLE),
        kind=in_words(KIND),
        study=protocol.study.code if names_study else "",
        study_title=protocol.study.title if names_study else "",
        made_at=at,
        as_of=None,
        address="",
        synthetic=synthetic,
        size=size,  # type: ignore[arg-type]
        protection=in_words(PROTECTION),
        language=protocol.language,
        say=in_words,
        day=day,
    )
    pdf = printed(paper, map(spoken, parts_of(shown, wanted, protocol, names_study=names_study)))
    actor = Actor("intake", "participant", str(enrolled.enrolment))
    with writing("registry", enrolment=enrolled.enrolment) as connection:
        record(connection, "registry", AuditEvent(actor, "course:print", "enrolment", str(enrolled.enrolment)), now=now)
    return f"diary-summary-{at:%Y-%m-%d}.pdf", pdf
