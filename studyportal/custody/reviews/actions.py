"""Allow or refuse a review of the ledger.

What is allowed is a document that custody signs: the blocks that were asked, as they were read, up to what the page
said would then be used, for a month, once. The workbench only keeps it; research checks it when it charges.
"""

from datetime import datetime
from uuid import UUID

from studyportal.audit import AuditEvent, record
from studyportal.custody.approvals.actions import checked_reason
from studyportal.custody.approvals.deciding import check_another, deciding
from studyportal.custody.opening.key_file import Keys
from studyportal.errors import CannotOpen
from studyportal.sealing.signatures import sign
from studyportal.workbench.reviews import (
    ALLOWED_FOR,
    LABEL,
    ReviewDocument,
    blocks_in,
    decide_review,
    encode,
    find_review,
    question_of,
    told_in,
)


def allow_review(
    review: UUID, *, answer: str, custodian: UUID, study: str, keys: Keys, now: datetime
) -> ReviewDocument:
    """Sign exactly what was asked.

    Raises `Invalid` for no answer, `NotFound`, `NotAllowed` for one's own request or an ended role, `Conflict` if it
    was decided or taken back, `CannotOpen` for a row that does not hold together.
    """
    answer = checked_reason(answer)
    with deciding(custodian) as (connection, who):
        row = find_review(connection, review)
        check_another(connection, who, row.account)
        blocks = blocks_in(row)
        if question_of(blocks) != row.question:
            raise CannotOpen
        document = ReviewDocument(
            review=review,
            study=study,
            project=row.project,
            account=row.account,
            blocks=blocks,
            told=told_in(row.told),
            reach=row.reach,
            issued_at=now,
            expires_at=now + ALLOWED_FOR,
        )
        signature = sign(LABEL, encode(document).encode(), key=keys.signing)
        decide_review(
            connection,
            review,
            by=who.id,
            by_name=who.name,
            answer=answer,
            document=document,
            signature=signature,
            now=now,
        )
        detail = {"project": row.project, "until": f"{document.expires_at:%Y-%m-%d}", "units": row.units}
        record(connection, "workbench", AuditEvent(who.actor, "review:allow", "review", str(review), detail), now=now)
    return document


def refuse_review(review: UUID, *, answer: str, custodian: UUID, now: datetime) -> None:
    """Refuse; the researcher reads the answer. Raises as `allow_review` does."""
    answer = checked_reason(answer)
    with deciding(custodian) as (connection, who):
        row = find_review(connection, review)
        check_another(connection, who, row.account)
        decide_review(
            connection, review, by=who.id, by_name=who.name, answer=answer, document=None, signature=None, now=now
        )
        event = AuditEvent(who.actor, "review:refuse", "review", str(review), {"project": row.project})
        record(connection, "workbench", event, now=now)
