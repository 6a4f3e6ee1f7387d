"""What a clinician fills in about an alert. Nothing is chosen beforehand."""

from collections.abc import Mapping
from uuid import UUID

from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from studyportal.clinic.alerts.course import ACTS, OUTCOMES
from studyportal.web.fields import ChoiceField, NotesField

SEALED = "Sealed at once. Your colleagues can have it opened, and the participant could. Write no name."


class ActForm(FlaskForm):
    """What was done."""

    act_what = ChoiceField("What was done?", choices=tuple(ACTS.items()))
    act_note = NotesField("Note", description=SEALED)


class HandOverForm(FlaskForm):
    """To whom."""

    hand_to = SelectField("Who takes care of it from now on?", validate_choice=False, validators=[InputRequired()])
    hand_note = NotesField("Note", description=SEALED)

    def offer(self, colleagues: Mapping[UUID, str], *, me: UUID, holder: UUID | None) -> "HandOverForm":
        """Offer everybody but the one who has it; the caller as themselves."""
        names = {id: f"{name} (me)" if id == me else name for id, name in colleagues.items() if id != holder}
        self.hand_to.choices = [
            SelectChoice("", "Choose"),
            *(SelectChoice(str(id), name) for id, name in names.items()),
        ]
        return self


class CloseForm(FlaskForm):
    """How it ended."""

    close_outcome = ChoiceField("How did it end?", choices=tuple(OUTCOMES.items()))
    close_note = NotesField("Note", description=SEALED)


class NoteForm(FlaskForm):
    """Words alone."""

    note = NotesField("Note", description=SEALED)
