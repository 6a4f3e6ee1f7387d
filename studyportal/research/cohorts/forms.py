"""The forms of the cohort page: its name, and its criteria as text. Ticked criteria have none: they are the address."""

from flask_wtf import FlaskForm
from wtforms import Form, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from studyportal.protocol.expressions.tokens import LENGTH


class SaveForm(FlaskForm):
    """A name, so that the same cohort can be found again."""

    name = StringField(
        "Name of this cohort",
        validators=[
            InputRequired("Give the cohort a name."),
            Length(max=120, message="Shorten the name to 120 characters."),
        ],
        render_kw={"autocomplete": "off"},
    )


class TextForm(Form):
    """The same criteria as one expression. It is sent as part of an address, so it needs no token."""

    criteria = TextAreaField(
        "Criteria as text",
        description="Tick some above to see how they are written. Rules are joined by and; without any, everybody is in.",
        render_kw={"rows": "3", "spellcheck": "false", "autocapitalize": "off", "maxlength": str(LENGTH)},
    )
