"""Record that somebody agreed: signed by the key that only their passphrase gives, or as an import says it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import writing
from studyportal.errors import Conflict, Invalid
from studyportal.intake.consent.statement import LABEL, consent_statement
from studyportal.intake.diary.keeping import SealedEntry, keep
from studyportal.protocol import ConsentForm, local_date
from studyportal.registry.consents import add_consent
from studyportal.registry.enrolments import start_enrolment
from studyportal.sealing.signatures import sign


def check_scopes(form: ConsentForm, scopes: Collection[str]) -> None:
    """Raise `Invalid` for a scope that the form does not have, or without one that it needs."""
    problems = {name: "This is not part of the form." for name in sorted(set(scopes) - form.scopes.keys())}
    for name in sorted(form.required - set(scopes)):
        problems[name] = "Without this you cannot take part. You may leave the page; nothing has been kept."
    if problems:
        raise Invalid("The consent is not complete.", problems)


def give_consent(
    enrolment: UUID,
    form: ConsentForm,
    scopes: Collection[str],
    *,
    study: str,
    zone: str,
    consent_key: bytes,
    now: datetime,
    screening: SealedEntry | None = None,
) -> UUID:
    """Sign and record consent; study day 1 becomes the local date in `zone`. Gives the id of the record.

    `consent_key` is the Ed25519 seed that the passphrase yields. `screening` is what was answered before: it is kept
    together with the consent or, like the consent, not at all. Raises `Invalid` for unfit scopes and `Conflict`
    when the enrolment has begun already.
    """
    check_scopes(form, scopes)
    id = uuid4()
    statement = consent_statement(form, scopes, study=study, enrolment=enrolment, agreed_at=now, zone=zone)
    with writing("registry", enrolment=enrolment) as connection:
        if not start_enrolment(connection, enrolment, started_on=local_date(now, zone)):
            raise Conflict("Consent has been given already.")
        add_consent(
            connection,
            id,
            enrolment,
            form_version=form.version,
            text_sha256=bytes.fromhex(form.digest),
            scopes=sorted(scopes),
            agreed_at=now,
            zone=zone,
            source="participant",
            signature=sign(LABEL, statement, key=consent_key),
        )
        actor = Actor("intake", "participant", str(enrolment))
        record(connection, "registry", _event(actor, id, form, scopes), now=now)
        if screening is not None and not keep(connection, screening, actor=actor, now=now):
            raise Conflict("These answers are here already.")
    return id


def record_imported_consent(
    enrolment: UUID,
    form: ConsentForm,
    scopes: Collection[str],
    *,
    agreed_at: datetime,
    zone: str,
    source: str,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Record a consent that was given elsewhere and is not signed here; `source` is "imported" or "synthetic".

    Raises `Invalid` for unfit scopes.
    """
    check_scopes(form, scopes)
    id = uuid4()
    with writing("registry", enrolment=enrolment) as connection:
        add_consent(
            connection,
            id,
            enrolment,
            form_version=form.version,
            text_sha256=bytes.fromhex(form.digest),
            scopes=sorted(scopes),
            agreed_at=agreed_at,
            zone=zone,
            source=source,
            signature=None,
        )
        record(connection, "registry", _event(actor, id, form, scopes), now=now)
    return id


def _event(actor: Actor, id: UUID, form: ConsentForm, scopes: Collection[str]) -> AuditEvent:
    return AuditEvent(actor, "consent:give", "consent", str(id), {"form": form.version, "scopes": len(scopes)})
