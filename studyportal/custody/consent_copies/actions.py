"""Make the signed copy of one consent, sealed to its signer. Handed over by the outbox, so it may come twice.

Custody signs only what the participant signed: a record whose signature does not hold, or whose words are not in the
study document, gets no copy and stays in the queue, where it is seen. Whoever asked for erasure gets none.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from studyportal.audit import Actor, AuditEvent, record
from studyportal.custody.consent_copies.paper import SignedConsent, consent_paper
from studyportal.custody.opening.key_file import Keys
from studyportal.database import reading, writing
from studyportal.errors import NotFound
from studyportal.paper.pades import signed_copy
from studyportal.protocol import Protocol
from studyportal.protocol.agreeing import study_with_text
from studyportal.protocol.versions import in_every_language
from studyportal.registry.consent_copies import add_copy, consent_record, is_erased, sealed_copy
from studyportal.registry.consent_statement import LABEL, consent_statement
from studyportal.registry.consents import agreed_scopes
from studyportal.registry.contexts import copy_context
from studyportal.registry.enrolments import enrolment as enrolment_row
from studyportal.registry.enrolments import lock_enrolment, public_key
from studyportal.registry.resets import consent_public_at
from studyportal.sealing import seal
from studyportal.sealing.certificates import copy_key
from studyportal.sealing.signatures import verify

REASON = "Copy of a signed consent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What making a copy needs. `address` is where anybody can verify it."""

    keys: Keys
    protocol: Protocol
    address: str
    synthetic: bool
    actor: Actor
    now: datetime


def make_copy(id: UUID, means: Means) -> None:
    """Make the copy of a consent, unless there is one. Raises `NotFound`, and `CannotOpen` for a signature that does
    not hold."""
    with reading("registry") as connection:
        consent = consent_record(connection, id)
        if consent is None or consent.signature is None:
            raise NotFound("There is no such consent.")
        enrolment = consent.enrolment
        if is_erased(connection, enrolment) or sealed_copy(connection, id, enrolment) is not None:
            return
        whose = enrolment_row(connection, enrolment)
        public = consent_public_at(connection, enrolment, consent.agreed_at)
        to = public_key(connection, enrolment, "consent")
    study = study_with_text(in_every_language(means.protocol), {consent.text_sha256.hex()})
    if study is None or public is None or to is None or whose is None:
        raise NotFound("The text of this consent is not known here.")
    code, scopes = means.protocol.study.code, agreed_scopes(consent)
    statement = consent_statement(
        form_version=consent.form_version,
        text_sha256=consent.text_sha256,
        scopes=scopes,
        study=code,
        enrolment=enrolment,
        agreed_at=consent.agreed_at,
        zone=consent.zone,
    )
    verify(LABEL, statement, consent.signature, public=public)
    given = SignedConsent(
        participant_code=whose.participant_code,
        scopes=frozenset(scopes),
        agreed_at=consent.agreed_at,
        zone=consent.zone,
        statement=statement,
        signature=consent.signature,
        public=public,
    )
    pdf = consent_paper(given, study, address=means.address, synthetic=means.synthetic)
    copy = signed_copy(pdf, copy_key(means.keys.signing, study=code), reason=REASON)
    sealed = seal(copy, to=to, about=copy_context(code, enrolment, id))
    with writing("registry") as connection:
        lock_enrolment(connection, enrolment)
        if not is_erased(connection, enrolment) and add_copy(connection, id, enrolment, sealed, now=means.now):
            record(connection, "registry", AuditEvent(means.actor, "consent:copy", "consent", str(id)), now=means.now)
