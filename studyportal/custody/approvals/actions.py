"""Approve and refuse requests. An approval is a document signed by custody; the workbench only keeps it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

from studyportal.audit import AuditEvent, record
from studyportal.custody.approvals.deciding import check_another, deciding
from studyportal.custody.approvals.terms import Terms, granted
from studyportal.custody.opening.key_file import Keys
from studyportal.custody.publishing.codes import publish_codes
from studyportal.database import reading
from studyportal.errors import Invalid
from studyportal.keyring.subjects import ALPHABET, Chance
from studyportal.protocol import Protocol
from studyportal.protocol.offering import offered_questions
from studyportal.sealing.signatures import sign
from studyportal.workbench.agreements import CURRENT, agreement
from studyportal.workbench.applications import decide_application, find_application, wanted_of
from studyportal.workbench.grants import LABEL, GrantDocument, add_event, add_grant, encode

REASON_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Approved:
    """The new grant and the name of its project."""

    grant: UUID
    project: str


def new_project(rng: Chance) -> str:
    """A project's name such as "P-4F7K91", random, so that it says nothing."""
    return "P-" + "".join(ALPHABET[rng.getrandbits(5)] for _ in range(6))


def approve(
    application: UUID,
    terms: Terms,
    *,
    revision: int,
    custodian: UUID,
    keys: Keys,
    protocol: Protocol,
    shelf: Path,
    rng: Chance,
    now: datetime,
) -> Approved:
    """Sign a grant for a request as it was read (`revision`), and give the project its subject codes.

    Raises `Invalid` for terms beyond what was asked for, `NotFound`, `NotAllowed` for one's own request or an ended
    role, and `Conflict`, which says who was first, if it was decided or changed meanwhile.
    """
    with reading("workbench") as connection:
        row = find_application(connection, application)
    wanted, found = wanted_of(row), agreement(CURRENT)
    terms = granted(terms, wanted, known=offered_questions(protocol), now=now)
    with deciding(custodian) as (connection, who):
        check_another(connection, who, row["account"])
    project = new_project(rng)
    # First the codes, then the grant: codes of a project that never came to be harm nobody.
    publish_codes(project, shelf=shelf, keys=keys, protocol=protocol, rng=rng, actor=who.actor, now=now)
    document = GrantDocument(
        grant=uuid4(),
        study=protocol.study.code,
        project=project,
        account=row["account"],
        application=application,
        title=wanted.title,
        purpose=wanted.purpose,
        issued_at=now,
        expires_at=terms.expires_at,
        items=terms.items,
        level=terms.level,
        agreement=found.version,
        agreement_sha256=found.sha256.hex(),
    )
    signature = sign(LABEL, encode(document).encode(), key=keys.signing)
    with deciding(custodian) as (connection, who):
        check_another(connection, who, row["account"])
        decide_application(
            connection,
            application,
            revision=revision,
            decision="granted",
            reason="",
            by=who.id,
            by_name=who.name,
            now=now,
        )
        add_grant(connection, document, signature)
        add_event(
            connection, project, "approve", by=who.id, by_name=who.name, reason="", now=now, document=encode(document),
            signature=signature,
        )  # fmt: skip
        detail = {"until": f"{terms.expires_at:%Y-%m-%d}", "items": len(terms.items), "level": terms.level}
        record(connection, "workbench", AuditEvent(who.actor, "grant:approve", "project", project, detail), now=now)
    return Approved(document.grant, project)


def refuse(application: UUID, *, reason: str, revision: int, custodian: UUID, now: datetime) -> None:
    """Refuse a request as it was read; the reason is shown to the researcher. Raises as `approve` does."""
    reason = checked_reason(reason)
    with deciding(custodian) as (connection, who):
        check_another(connection, who, find_application(connection, application)["account"])
        decide_application(
            connection, application, revision=revision, decision="refused", reason=reason, by=who.id, by_name=who.name,
            now=now,
        )  # fmt: skip
        event = AuditEvent(who.actor, "application:refuse", "application", str(application))
        record(connection, "workbench", event, now=now)


def checked_reason(reason: str) -> str:
    """A reason as it is kept, on one line; raises `Invalid` for none and for one that is too long."""
    reason = " ".join("".join(sign if sign.isprintable() else " " for sign in reason).split())
    if not 0 < len(reason) <= REASON_LENGTH:
        sentence = f"Give the reason in 1 to {REASON_LENGTH} characters; the researcher will read it."
        raise Invalid(sentence, {"reason": sentence})
    return reason
