"""Make the signed copy of one consent, sealed to its signer. Handed over by the outbox, so it may come twice.

Custody signs only what the participant signed: a record whose signature does not hold, or whose words are not in the
study document, gets no copy and stays in the queue, where it is seen. A consent that waits for the clinic's
countersignature gets its copy with it, whoever asked for erasure gets none. A name is opened for this, and for nothing
else.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.custody.consent_copies.paper import Countersigned, SignedConsent, consent_paper
from studyportal.custody.opening.key_file import Keys
from studyportal.custody.opening.transport import opened_seed
from studyportal.database import reading, writing
from studyportal.errors import CannotOpen, NotFound
from studyportal.keyring.wrapping import custody_seeds
from studyportal.paper.pades import signed_copy
from studyportal.protocol import Protocol
from studyportal.protocol.agreeing import study_with_text
from studyportal.protocol.versions import in_every_language
from studyportal.registry.consent_copies import add_copy, consent_record, is_erased, sealed_copy, sealed_name
from studyportal.registry.consent_statement import LABEL, statement_of
from studyportal.registry.consents import agreed_scopes
from studyportal.registry.contexts import copy_context, name_context
from studyportal.registry.countersignatures import countersignature
from studyportal.registry.enrolments import enrolment as enrolment_row
from studyportal.registry.enrolments import lock_enrolment, public_key
from studyportal.registry.name_seals import name_inside
from studyportal.registry.resets import consent_public_at
from studyportal.sealing import seal
from studyportal.sealing.certificates import copy_key
from studyportal.sealing.opening import Opener
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
        named, counter = sealed_name(connection, id), countersignature(connection, id)
    if counter is not None and counter.signed_at is None:
        return  # the clinic asks again once it has signed
    study = study_with_text(in_every_language(means.protocol), {consent.text_sha256.hex()})
    if study is None or public is None or to is None or whose is None:
        raise NotFound("The text of this consent is not known here.")
    code = means.protocol.study.code
    statement = statement_of(consent, code)
    verify(LABEL, statement, consent.signature, public=public)
    given = SignedConsent(
        participant_code=whose.participant_code,
        scopes=frozenset(agreed_scopes(consent)),
        agreed_at=consent.agreed_at,
        zone=consent.zone,
        statement=statement,
        signature=consent.signature,
        public=public,
        name="" if named is None else _opened_name(named, consent, means),
        countersigned=None if counter is None else Countersigned(counter.signer_name, counter.signed_at),
    )
    if counter is not None and counter.statement_sha256 != sha256(statement).digest():
        raise CannotOpen("What the clinic signed is not what the participant signed.")
    pdf = consent_paper(given, study, address=means.address, synthetic=means.synthetic)
    copy = signed_copy(pdf, copy_key(means.keys.signing, study=code), reason=REASON)
    sealed = seal(copy, to=to, about=copy_context(code, enrolment, id))
    with writing("registry") as connection:
        lock_enrolment(connection, enrolment)
        if not is_erased(connection, enrolment) and add_copy(connection, id, enrolment, sealed, now=means.now):
            record(connection, "registry", AuditEvent(means.actor, "consent:copy", "consent", str(id)), now=means.now)


def _opened_name(sealed: bytes, consent: sa.Row, means: Means) -> str:
    """The name that the signature covers. Raises `CannotOpen` for another one, and where the key is gone."""
    enrolment, study = consent.enrolment, means.protocol.study.code
    with reading("keyring") as connection:
        seeds = custody_seeds(connection, domain="consent", enrolments=[enrolment])
    if not seeds:
        raise CannotOpen("The key to a name is not there.")
    opener = Opener(opened_seed(seeds[0], means.keys, study=study))
    opened = opener.unseal(sealed, about=name_context(study, enrolment, consent.id))
    return name_inside(opened, consent.name_commitment)
