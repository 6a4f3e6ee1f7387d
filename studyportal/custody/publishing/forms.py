"""Publish, by the rule or by a named exception from it."""

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired

from studyportal.web.fields import ChoiceField, TypedWord

PUBLISH = "PUBLISH"


class PublishForm(FlaskForm):
    """`exception` is there only when the rule says no; it must be chosen then."""

    exception = ChoiceField("Publish in spite of the rule, because", choices=[], validators=[])
    word = StringField(
        f"Type {PUBLISH} to confirm", validators=[InputRequired(f"Type {PUBLISH} to confirm."), TypedWord(PUBLISH)]
    )
