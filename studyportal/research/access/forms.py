"""The form in which a researcher asks for access."""

from flask_wtf import FlaskForm
from wtforms import DateField, StringField
from wtforms.validators import InputRequired, Length

from studyportal.web.fields import NotesField

LONGEST_PURPOSE = 4000


class ApplicationForm(FlaskForm):
    """What the data custodian needs in order to decide."""

    title = StringField(
        "Title of your project",
        validators=[
            InputRequired("Give your project a title."),
            Length(max=200, message="Shorten the title to 200 characters."),
        ],
    )
    purpose = NotesField(
        "What you want to find out, and why it needs these data",
        description="A few sentences that somebody outside your field understands. The approval holds for this purpose.",
        validators=[
            InputRequired("Say what you want to find out."),
            Length(min=30, message="Say a little more: one or two whole sentences."),
            Length(max=LONGEST_PURPOSE, message=f"Shorten this to {LONGEST_PURPOSE} characters."),
        ],
    )
    ethics_reference = StringField(
        "Ethics reference",
        description="The number under which an ethics committee approved your project.",
        validators=[
            InputRequired("Give the number of the ethics approval."),
            Length(max=120, message="Shorten this to 120 characters."),
        ],
    )
    wanted_until = DateField(
        "Until when do you need access?",
        description="Access ends by itself on this day; you can ask again.",
        validators=[InputRequired("Give the day on which access may end, as day, month and year.")],
    )
