"""Know which consent form people sign now, and whether a signature is still missing: theirs under a new version, or the
clinic's under what they signed.

Nobody is shown a text that two people have not put into force. What becomes of the diary until all have signed is for
the study document to say.
"""

import sqlalchemy as sa

from studyportal.database import reading
from studyportal.errors import Unavailable
from studyportal.intake.enrolment.sessions import Enrolled
from studyportal.protocol import Protocol
from studyportal.protocol.agreeing import study_with_text
from studyportal.registry.consent_forms import form_in_force, texts_of
from studyportal.registry.consents import has_agreed_to
from studyportal.registry.countersignatures import is_waiting_for_clinic
from studyportal.saying import said
from studyportal.web.here import here

NOT_YET = said(
    "The consent form is being renewed, so nobody can sign it just now. Come back in an hour; nothing is lost."
)
# Why a diary waits. That is not a pause: a pause is what its writer chose, and takes entries (docs/glossary.md).
TO_SIGN = said(
    "There is a new version of the consent form. Read and sign it under My consent; then your diary goes on."
)
TO_COUNTERSIGN = said(
    "Your clinic has not countersigned your consent yet. As soon as it has, your diary takes entries."
)


def study_to_sign(connection: sa.Connection) -> Protocol:
    """The study, in the language asked for if it can be, with the consent form that is in force.

    Raises `Unavailable` while none is, or while this room does not know its words yet.
    """
    study = _to_sign(form_in_force(connection))
    if study is None:
        raise Unavailable(NOT_YET)
    return study


def awaited(connection: sa.Connection, enrolled: Enrolled) -> Protocol | None:
    """The study with the form in force, if somebody who takes part has not signed that version yet; else None."""
    if enrolled.started_on is None or enrolled.has_stopped:
        return None
    form = form_in_force(connection)
    if form is None or has_agreed_to(connection, enrolled.enrolment, form.version):
        return None
    return _to_sign(form)


def waits(study: Protocol | None) -> bool:
    """Whether the diary of somebody by whom this study's consent form is `awaited` takes no entries."""
    return study is not None and study.consent.until_signed == "pause"


def waits_for_clinic(connection: sa.Connection, enrolled: Enrolled) -> bool:
    """Whether the diary takes no entries until the clinic has countersigned what somebody signed."""
    pauses = here().protocol.consent.until_countersigned == "pause"
    return pauses and is_waiting_for_clinic(connection, enrolled.enrolment)


def why_waiting(enrolled: Enrolled) -> str:
    """Why somebody's diary takes no entries just now: a signature is missing. "" if it takes them."""
    # Most studies let the diary go on; then an entry costs no question more.
    known = [study.consent for first in here().spoken for study in (first, *first.earlier.values())]
    if not any("pause" in (form.until_signed, form.until_countersigned) for form in known):
        return ""
    with reading("registry", enrolment=enrolled.enrolment) as connection:
        if waits(awaited(connection, enrolled)):
            return TO_SIGN
        return TO_COUNTERSIGN if waits_for_clinic(connection, enrolled) else ""


def _to_sign(form: sa.Row | None) -> Protocol | None:
    spoken = (here().protocol, *here().spoken)
    return None if form is None else study_with_text(spoken, texts_of(form))


def study_signed(digest: bytes) -> Protocol | None:
    """The study as somebody signed it, version, language and all; None if its words are not here any more."""
    return study_with_text(here().spoken, {digest.hex()})
