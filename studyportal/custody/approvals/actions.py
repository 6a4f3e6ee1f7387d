"""Approve, refuse and end. An approval is a document signed by custody; the workbench only keeps it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from studyportal.audit import Actor, AuditEvent, record
from studyportal.custody.opening.key_file import Keys
from studyportal.custody.publishing.codes import publish_codes
from studyportal.database import reading, writing
from studyportal.errors import Invalid
from studyportal.keyring.subjects import ALPHABET, Chance
from studyportal.protocol import Protocol
from studyportal.sealing.signatures import sign
from studyportal.workbench.applications import application, decide_application
from studyportal.workbench.grants import LABEL, GrantDocument, add_grant, encode, end_grant

# An approval is looked at again at least every two years.
LONGEST = timedelta(days=731)
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
    application_id: UUID,
    *,
    expires_at: datetime,
    keys: Keys,
    protocol: Protocol,
    shelf: Path,
    rng: Chance,
    actor: Actor,
    now: datetime,
) -> Approved:
    """Sign a grant for an application and give the project its subject codes.

    Raises `Invalid` for an expiry in the past or beyond two years, `NotFound`, and `Conflict` if it was decided before.
    """
    if not now < expires_at <= now + LONGEST:
        sentence = "An approval ends on a day within the next two years."
        raise Invalid(sentence, {"expires_on": sentence})
    with reading("workbench") as connection:
        wanted = application(connection, application_id)
    project = new_project(rng)
    # First the codes, then the grant: codes of a project that never came to be harm nobody.
    publish_codes(project, shelf=shelf, keys=keys, protocol=protocol, rng=rng, actor=actor, now=now)
    document = GrantDocument(
        grant=uuid4(),
        study=protocol.study.code,
        project=project,
        account=wanted["account"],
        application=application_id,
        title=wanted["title"],
        purpose=wanted["purpose"],
        issued_at=now,
        expires_at=expires_at,
    )
    signature = sign(LABEL, encode(document).encode(), key=keys.signing)
    with writing("workbench") as connection:
        decide_application(connection, application_id, decision="granted", reason="", now=now)
        add_grant(connection, document, signature)
        event = AuditEvent(actor, "grant:approve", "project", project, {"until": f"{expires_at:%Y-%m-%d}"})
        record(connection, "workbench", event, now=now)
    return Approved(document.grant, project)


def refuse(application_id: UUID, *, reason: str, actor: Actor, now: datetime) -> None:
    """Refuse an application; the reason is shown to the researcher. Raises `Invalid`, `Conflict`."""
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= REASON_LENGTH:
        sentence = f"Give the reason in 1 to {REASON_LENGTH} characters; the researcher will read it."
        raise Invalid(sentence, {"reason": sentence})
    with writing("workbench") as connection:
        decide_application(connection, application_id, decision="refused", reason=reason, now=now)
        event = AuditEvent(actor, "application:refuse", "application", str(application_id))
        record(connection, "workbench", event, now=now)


def end(grant: UUID, *, actor: Actor, now: datetime) -> str:
    """End an approval at once; its project. Raises `NotFound`."""
    with writing("workbench") as connection:
        project = end_grant(connection, grant, now=now)
        record(connection, "workbench", AuditEvent(actor, "grant:end", "project", project), now=now)
    return project
