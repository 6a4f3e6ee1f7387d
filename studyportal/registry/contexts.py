"""What a sealed row of the registry is bound to. Whoever seals or opens one says it in these words, or it stays
shut."""

from uuid import UUID

from studyportal.sealing import Context


def entry_context(study: str, enrolment: UUID, entry: UUID) -> Context:
    """One diary entry, sealed to the enrolment's diary key; `study` is the protocol's study code."""
    return Context(study, str(enrolment), "entry", str(entry))


def alert_context(study: str, enrolment: UUID, alert: UUID) -> Context:
    """Which alerts of the study one safety alert stands for, sealed to the enrolment's diary key."""
    return Context(study, str(enrolment), "alert", str(alert))


def note_context(study: str, enrolment: UUID, event: UUID) -> Context:
    """What a clinician noted about an alert, with one event of its course; sealed to the enrolment's diary key."""
    return Context(study, str(enrolment), "alert note", str(event))


def block_context(study: str, enrolment: UUID, number: int, revision: int) -> Context:
    """One column block of an enrolment; `revision` grows each time the block is written again."""
    return Context(study, str(enrolment), "block", str(number), revision)


def copy_context(study: str, enrolment: UUID, consent: UUID) -> Context:
    """The signed copy of one consent record, sealed to the enrolment's consent key."""
    return Context(study, str(enrolment), "consent copy", str(consent))


def name_context(study: str, enrolment: UUID, consent: UUID) -> Context:
    """The name given with the signature of one consent record, sealed to the enrolment's consent key."""
    return Context(study, str(enrolment), "consent name", str(consent))


def message_context(study: str, enrolment: UUID, message: UUID, sender: str) -> Context:
    """One message of "participant" or "staff", sealed to the enrolment's contact key."""
    return Context(study, str(enrolment), f"message:{sender}", str(message))


def reminder_context(study: str, enrolment: UUID, contact: UUID, way: str) -> Context:
    """Where somebody is reminded by "mail" or "push", sealed to the enrolment's contact key."""
    return Context(study, str(enrolment), f"reminder:{way}", str(contact))
