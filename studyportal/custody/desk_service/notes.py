"""Open what clinicians noted about one alert."""

from uuid import UUID

from studyportal.database import reading
from studyportal.desk import OpenedNote
from studyportal.errors import CannotOpen
from studyportal.registry.alerts import sealed_notes
from studyportal.registry.contexts import note_context
from studyportal.sealing.opening import Opener


def notes_of(alert: UUID, enrolment: UUID, opener: Opener, *, study: str) -> tuple[OpenedNote, ...]:
    """Every note, in order; the text is None where one does not open."""
    with reading("registry") as connection:
        rows = sealed_notes(connection, alert)
    return tuple(OpenedNote(event=row.id, text=_text(row, enrolment, opener, study)) for row in rows)


def _text(row, enrolment: UUID, opener: Opener, study: str) -> str | None:  # type: ignore[no-untyped-def]
    try:
        return opener.unseal(row.sealed, about=note_context(study, enrolment, row.id)).decode()
    except (CannotOpen, UnicodeDecodeError):
        return None
