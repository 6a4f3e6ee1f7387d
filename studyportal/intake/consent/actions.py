"""Record that somebody agreed: signed by the key that only their passphrase gives, or as an import says it.

Nothing is signed but a text that is in force while it is signed. A copy for the signer is custody's to make.
"""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import writing
from studyportal.errors import Conflict, Gone, Invalid
from studyportal.intake.diary.keeping import SealedEntry, keep
from studyportal.outbox import put
from studyportal.protocol import ConsentForm, local_date
from studyportal.registry.consent_copies import add_name
from studyportal.registry.consent_forms import form_in_force, texts_of
from studyportal.registry.consent_statement import LABEL, consent_statement
from studyportal.registry.consents import (
    add_consent,
    agreed_scopes,
    consent_records,
    has_agreed_to,
    withdrawals_of,
)
from studyportal.registry.countersignatures import await_countersignature
from studyportal.registry.enrolments import lock_enrolment, public_key, start_enrolment
from studyportal.registry.name_seals import name_commitment, read_name, sealed_name
from studyportal.saying import said
from studyportal.sealing.signatures import BLIND_SIZE, sign

OTHER_TEXT = said("The consent form is not as it was when you opened it. Read it again before you sign.")


def check_scopes(form: ConsentForm, scopes: Collection[str]) -> None:
    """Raise `Invalid` for a scope that the form does not have, or without one that it needs."""
    problems = {name: said("This is not part of the form.") for name in sorted(set(scopes) - form.scopes.keys())}
    for name in sorted(form.required - set(scopes)):
        problems[name] = said("Without this you cannot take part. You may leave the page; nothing has been kept.")
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
    name: str = "",
    screening: SealedEntry | None = None,
) -> UUID:
    """Sign and record consent; study day 1 becomes the local date in `zone`. Gives the id of the record.

    `consent_key` is the Ed25519 seed that the passphrase yields; `name` is what was typed where the form asks for a
    name. Whoever calls has had the questions about the text answered. `screening` is what was answered before: it is
    kept together with the consent or, like the consent, not at all. Raises `Invalid` for unfit scopes and `Conflict`
    when the enrolment has begun already or the form is not in force.
    """
    check_scopes(form, scopes)
    with writing("registry", enrolment=enrolment) as connection:
        if not start_enrolment(connection, enrolment, started_on=local_date(now, zone)):
            raise Conflict("Consent has been given already.")
        whose = {"name": name, "study": study, "zone": zone, "key": consent_key}
        id = _sign(connection, enrolment, form, scopes, **whose, agreed_at=now, now=now)  # type: ignore[arg-type]
        actor = Actor("intake", "participant", str(enrolment))
        record(connection, "registry", _event(actor, id, form, scopes), now=now)
        if screening is not None and not keep(connection, screening, actor=actor, now=now):
            raise Conflict("These answers are here already.")
    return id


def renew_consent(
    enrolment: UUID,
    form: ConsentForm,
    scopes: Collection[str],
    *,
    study: str,
    zone: str,
    consent_key: bytes,
    required: Collection[str],
    now: datetime,
    name: str = "",
) -> UUID:
    """Sign and record consent to a new version; the id of the record. What was chosen before counts no more.

    `required` are the scopes without which nobody takes part. Raises `Invalid` for unfit scopes, `Conflict` when this
    version has been signed or is not in force, `Gone` for somebody who has left.
    """
    check_scopes(form, scopes)
    with writing("registry", enrolment=enrolment) as connection:
        lock_enrolment(connection, enrolment)
        before = consent_records(connection, enrolment)
        if not before or has_agreed_to(connection, enrolment, form.version):
            raise Conflict("You have signed this version already.")
        if any(row.scope in required for row in withdrawals_of(connection, enrolment)):
            raise Gone("You have left the study, so there is nothing to sign.")
        # Later than the one before it, whatever the clock says: the latest counts.
        agreed_at = max(now, before[0].agreed_at + timedelta(microseconds=1))
        whose = {"name": name, "study": study, "zone": zone, "key": consent_key}
        id = _sign(connection, enrolment, form, scopes, **whose, agreed_at=agreed_at, now=now)  # type: ignore[arg-type]
        if set(agreed_scopes(before[0])) - set(scopes):
            # Custody looks who still shares, so that the data set researchers have shuts as well.
            put(connection, "registry", "sharing", str(id), {"consent": str(id)}, now=now)
        actor = Actor("intake", "participant", str(enrolment))
        record(connection, "registry", _event(actor, id, form, scopes, action="consent:renew"), now=now)
    return id


def _sign(
    connection: sa.Connection,
    enrolment: UUID,
    form: ConsentForm,
    scopes: Collection[str],
    *,
    name: str,
    study: str,
    zone: str,
    key: bytes,
    agreed_at: datetime,
    now: datetime,
) -> UUID:
    """Add the signed record with what hangs on it. Custody is asked for the copy once all have signed."""
    in_force = form_in_force(connection)
    if in_force is None or form.version != in_force.version or form.digest not in texts_of(in_force):
        raise Conflict(OTHER_TEXT)
    id, blind = uuid4(), secrets.token_bytes(BLIND_SIZE)
    named = read_name(name) if form.asks_name else None
    said = {
        "form_version": form.version,
        "text_sha256": bytes.fromhex(form.digest),
        "scopes": sorted(scopes),
        "agreed_at": agreed_at,
        "zone": zone,
        "check_passed": bool(form.check),
        "name_commitment": None if named is None else name_commitment(named, blind),
    }
    statement = consent_statement(**said, study=study, enrolment=enrolment)  # type: ignore[arg-type]
    signature = sign(LABEL, statement, key=key)
    add_consent(connection, id, enrolment, **said, source="participant", signature=signature)  # type: ignore[arg-type]
    if named is not None:
        to = public_key(connection, enrolment, "consent")
        assert to is not None, "an enrolment is claimed with its keys"
        sealed = sealed_name(named, blind, enrolment=enrolment, consent=id, to=to, study=study)
        add_name(connection, id, enrolment, sealed)
    if form.countersign:
        await_countersignature(connection, id, enrolment, statement_sha256=sha256(statement).digest())
    else:
        put(connection, "registry", "consent_copy", str(id), {"consent": str(id)}, now=now)
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


def _event(
    actor: Actor, id: UUID, form: ConsentForm, scopes: Collection[str], *, action: str = "consent:give"
) -> AuditEvent:
    return AuditEvent(actor, action, "consent", str(id), {"form": form.version, "scopes": len(scopes)})
