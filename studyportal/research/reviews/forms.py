"""Say why more should be opened, or take that back."""

from flask_wtf import FlaskForm
from wtforms.validators import InputRequired, Length

from studyportal.web.fields import NotesField
from studyportal.workbench.reviews import REASON_LENGTH

SHORTEST = 30


class AskForm(FlaskForm):
    """What the data custodian reads beside the question."""

    reason = NotesField(
        "Why you need this as well",
        description=f"One or two sentences, {REASON_LENGTH} characters at most. The data custodian reads them. "
        "Write nothing about single people.",
        validators=[
            InputRequired("Say why you need this as well."),
            Length(min=SHORTEST, message="Say a little more: one or two whole sentences."),
            Length(max=REASON_LENGTH, message=f"Shorten this to {REASON_LENGTH} characters."),
        ],
    )


class PressForm(FlaskForm):
    """A button that needs no words: take a request back, or open what was allowed."""
