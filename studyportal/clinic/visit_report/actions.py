"""Make a visit report and have custody certify it. Nothing is written here.

Custody's `desk:certify` in the audit trail says who had which paper signed, about whom and for what, with its SHA-256.
"""

from uuid import UUID
from zoneinfo import ZoneInfo

from studyportal.clinic.desk import the_desk
from studyportal.clinic.timeline.opening import opened
from studyportal.clinic.visit_report.parts import Maker, parts_of
from studyportal.paper import Paper, printed, signed
from studyportal.protocol import Protocol

KIND = "visit-report"
PROTECTION = "Holds one participant's answers. Keep it as you keep a patient's record."


def make(
    id: UUID, span: str, note: str, *, size: str, protocol: Protocol, maker: Maker, address: str, synthetic: bool
) -> tuple[str, bytes]:
    """The name of the file, and the certified PDF. Raises `NotFound` and what the desk refuses."""
    found = opened(id, span)
    at = found.at.astimezone(ZoneInfo(found.row.zone))
    paper = Paper(
        title=f"Participant {found.row.participant_code}",
        kind="Visit report",
        study=protocol.study.code,
        study_title=protocol.study.title,
        made_at=at,
        as_of=at,
        address=address,
        synthetic=synthetic,
        size=size,  # type: ignore[arg-type]
        protection=PROTECTION,
        language=protocol.language,
    )
    pdf = printed(paper, parts_of(found, note, span=span, protocol=protocol, maker=maker))
    certified = signed(pdf, lambda digest: the_desk().certify(found.pass_, id, digest, KIND), by="custody")
    return f"{found.row.participant_code}-visit-{at:%Y-%m-%d}.pdf", certified
