"""Over which time, on which paper, and the clinician's own note. What it was opened for is asked only when no visit
runs."""

from flask_wtf import FlaskForm
from wtforms import ValidationError
from wtforms.validators import AnyOf

from studyportal.desk import PURPOSES
from studyportal.web.course.spans import SPANS, stretch
from studyportal.web.fields import ChoiceField, NotesField
from studyportal.web.words import count

LONGEST_NOTE = 10_000
SIZES = (("A4", "A4"), ("Letter", "Letter, as in the United States"))
PRINTED = (
    "Printed into the report and kept nowhere else. Up to 10,000 characters. Whoever is away for 15 minutes is signed "
    "out, and what was typed here is gone."
)


def _one_of(choices: object, sentence: str) -> AnyOf:
    return AnyOf([code for code, _ in choices], sentence)  # type: ignore[attr-defined]


class VisitReportForm(FlaskForm):
    """What a report is made of."""

    purpose = ChoiceField(
        "What do you need to read for?",
        choices=tuple(PURPOSES.items()),
        validators=[_one_of(PURPOSES.items(), "Choose what you need to read for.")],
    )
    span = ChoiceField(
        "Which time does it show?",
        choices=tuple((name, stretch(name)) for name in SPANS),
        validators=[_one_of(SPANS.items(), "Choose which time it shows.")],
    )
    note = NotesField("Your note about this visit", description=PRINTED)
    size = ChoiceField("Paper", choices=SIZES, validators=[_one_of(SIZES, "Choose the paper.")])

    def validate_note(self, field: NotesField) -> None:
        field.data = (field.data or "").replace("\r\n", "\n").strip()
        if (length := len(field.data)) > LONGEST_NOTE:
            raise ValidationError(
                f"A note has at most {count(LONGEST_NOTE)} characters; this one has {count(length)}. Shorten it."
            )
