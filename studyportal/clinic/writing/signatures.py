"""Refuse what staff would write about somebody whose consent waits: for their signature under a new version, or for the
clinic's own.

Only where the study document says that the diary pauses until then: what is told on the phone is their diary too.
"""

from uuid import UUID

from studyportal.database import reading
from studyportal.errors import Conflict
from studyportal.protocol import Protocol
from studyportal.protocol.agreeing import study_with_text
from studyportal.registry.consent_forms import form_in_force, texts_of
from studyportal.registry.consents import has_agreed_to
from studyportal.registry.countersignatures import is_waiting_for_clinic

TO_SIGN = (
    "There is a new version of the consent form, and they have not signed it yet. Until they do, under My consent in their "
    "diary, nothing is taken in, also not by phone."
)


TO_COUNTERSIGN = (
    "Their consent has not been countersigned yet. Until a clinician of this site has done so, nothing is taken in, also not "
    "by phone."
)


def why_waiting(enrolment: UUID, protocol: Protocol, *, site: str) -> str:
    """Why nothing is taken in from this participant of the site: a signature is missing. "" if nothing is missing."""
    known = [study.consent for study in (protocol, *protocol.earlier.values())]
    if not any("pause" in (form.until_signed, form.until_countersigned) for form in known):
        return ""
    with reading("registry", site=site) as connection:
        form = form_in_force(connection)
        to_sign = form is not None and not has_agreed_to(connection, enrolment, form.version)
        to_countersign = is_waiting_for_clinic(connection, enrolment)
    study = study_with_text([protocol], texts_of(form)) if to_sign else None
    if study is not None and study.consent.until_signed == "pause":
        return TO_SIGN
    return TO_COUNTERSIGN if to_countersign and protocol.consent.until_countersigned == "pause" else ""


def check_nothing_missing(enrolment: UUID, protocol: Protocol, *, site: str) -> None:
    """Raise `Conflict` if a signature is."""
    if waiting := why_waiting(enrolment, protocol, site=site):
        raise Conflict(waiting)
