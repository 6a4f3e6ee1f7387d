"""What for: one of the purposes, none chosen beforehand."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from studyportal.desk import PURPOSES


class VisitForm(FlaskForm):
    """The purpose of a visit, and where it goes on (an address within this room)."""

    purpose = RadioField(
        "What do you need to read for?",
        choices=[SelectChoice(code, words) for code, words in PURPOSES.items()],
        validators=[InputRequired("Choose what you need to read for.")],
    )
    next = HiddenField()
