"""How many codes, for which site, until when."""

from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectField
from wtforms.validators import AnyOf, InputRequired

from studyportal.custody.codes.actions import MOST
from studyportal.web.code_cards import PAPERS
from studyportal.web.fields import ChoiceField


class CodesForm(FlaskForm):
    """The custodian's wish for new codes; limits are the action's."""

    site = SelectField("Site", validators=[InputRequired("Choose a site.")])
    count = IntegerField(
        "How many codes",
        description=f"One for each person; at most {MOST} at once.",
        validators=[InputRequired("Say how many, as a number.")],
    )
    expires_on = DateField(
        "Last day on which they can be used",
        validators=[InputRequired("Give the last day, as day, month and year.")],
    )
    paper = ChoiceField(
        "Show them", choices=PAPERS, validators=[AnyOf([code for code, _ in PAPERS], "Choose how to show them.")]
    )
