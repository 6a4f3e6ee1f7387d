"""The form that gives a cohort its name. Criteria have none: they are the page's address."""

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length


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
