"""Refuse what staff would write about somebody who must sign a new version of the consent form first.

Only where the study document says that the diary pauses until then: what is told on the phone is their diary too.
"""

from uuid import UUID

from studyportal.database import reading
from studyportal.errors import Conflict
from studyportal.protocol import Protocol
from studyportal.protocol.agreeing import study_with_text
from studyportal.registry.consent_forms import form_in_force, texts_of
from studyportal.registry.consents import has_agreed_to

PAUSED = (
    "There is a new version of the consent form, and they have not signed it yet. Until they do, under My consent in their "
    "diary, nothing is taken in, also not by phone."
)


def is_paused(enrolment: UUID, protocol: Protocol, *, site: str) -> bool:
    """Whether the form in force lets nothing in from this participant of the site."""
    if not any(study.consent.until_signed == "pause" for study in (protocol, *protocol.earlier.values())):
        return False
    with reading("registry", site=site) as connection:
        form = form_in_force(connection)
        if form is None or has_agreed_to(connection, enrolment, form.version):
            return False
    study = study_with_text([protocol], texts_of(form))
    return study is not None and study.consent.until_signed == "pause"


def check_not_paused(enrolment: UUID, protocol: Protocol, *, site: str) -> None:
    """Raise `Conflict` if it does."""
    if is_paused(enrolment, protocol, site=site):
        raise Conflict(PAUSED)
