"""Decide on a request, or end an approval. What reaches far is confirmed by a typed word."""

from flask_wtf import FlaskForm
from wtforms import DateField, StringField
from wtforms.validators import InputRequired, Length

from studyportal.custody.approvals.actions import REASON_LENGTH
from studyportal.web.fields import NotesField, TypedWord

APPROVE, END = "APPROVE", "END"


class ApproveForm(FlaskForm):
    """Approve until a day."""

    expires_on = DateField(
        "Last day of access", validators=[InputRequired("Give the last day, as day, month and year.")]
    )
    word = StringField(
        f"Type {APPROVE} to confirm", validators=[InputRequired(f"Type {APPROVE} to confirm."), TypedWord(APPROVE)]
    )


class RefuseForm(FlaskForm):
    """Refuse with a reason."""

    reason = NotesField(
        "Why not",
        description="The researcher reads this. Say what would have to change.",
        validators=[
            InputRequired("Give the reason; the researcher will read it."),
            Length(max=REASON_LENGTH, message=f"Shorten this to {REASON_LENGTH} characters."),
        ],
    )


class EndForm(FlaskForm):
    """End an approval."""

    word = StringField(f"Type {END} to confirm", validators=[InputRequired(f"Type {END} to confirm."), TypedWord(END)])
