"""What somebody keeps of their signature: a receipt at once, and the signed copy once custody has made it.

The copy is opened with the key that only their session opens, for this one request.
"""

from uuid import UUID

import msgspec
import sqlalchemy as sa
from flask import Blueprint, Response, request

from studyportal.database import reading
from studyportal.errors import NotFound, Unavailable
from studyportal.intake.course.opening import own_key
from studyportal.intake.diary.receipts import base64url
from studyportal.intake.diary.signing import receipt_signer
from studyportal.intake.enrolment.visitors import caller, session_token
from studyportal.registry.consent_copies import consent_record, sealed_copy
from studyportal.registry.consent_statement import statement_of
from studyportal.registry.contexts import copy_context
from studyportal.registry.countersignatures import countersignature
from studyportal.registry.resets import consent_public_at
from studyportal.saying import said
from studyportal.web.here import here

papers = Blueprint("papers", __name__)

RECEIPT = "studyportal consent receipt"
AFTER_CLINIC = said("Your signed copy is made when your clinic has countersigned. Your receipt is there already.")
BEING_MADE = said("Your signed copy is being made. Come back in a few minutes.")


@papers.get("/consent/<uuid:id>/receipt.json")
def receipt(id: UUID) -> Response:
    """What was agreed to, the signer's signature over it, and the study's over both: as it was signed, byte for
    byte."""
    study, enrolment = here().protocol.study.code, caller().enrolment
    with reading("registry", enrolment=enrolment) as connection:
        record = _own_record(connection, id)
        public = consent_public_at(connection, enrolment, record.agreed_at)
    body = statement_of(record, study)
    paper = {
        "consent": msgspec.Raw(body),
        "public_key": base64url(public),
        "signature": base64url(record.signature),
        "receipt": base64url(receipt_signer().sign(RECEIPT, body + record.signature)),
        "receipt_public_key": base64url(receipt_signer().public),
    }
    return _file(msgspec.json.encode(paper), "application/json", f"consent-{record.form_version}-receipt.json")


@papers.get("/consent/<uuid:id>/copy.pdf")
def copy(id: UUID) -> Response:
    """The signed copy."""
    found, study = caller(), here().protocol.study.code
    with reading("registry", enrolment=found.enrolment) as connection:
        record, sealed = _own_record(connection, id), sealed_copy(connection, id, found.enrolment)
        other = countersignature(connection, id)
    if sealed is None:
        raise Unavailable(AFTER_CLINIC if other is not None and other.signed_at is None else BEING_MADE)
    key = own_key(found, session_token(request), study=study, domain="consent")
    pdf = key.unseal(sealed, about=copy_context(study, found.enrolment, id))
    return _file(pdf, "application/pdf", f"consent-{record.form_version}.pdf")


def _own_record(connection: sa.Connection, id: UUID) -> sa.Row:
    """A consent that the caller signed; anybody else's is not there."""
    record = consent_record(connection, id)
    if record is None or record.enrolment != caller().enrolment or record.signature is None:
        raise NotFound("There is no such paper.")
    return record


def _file(body: bytes, kind: str, name: str) -> Response:
    response = Response(body, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
