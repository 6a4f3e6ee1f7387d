"""How many codes or places, until when, on which paper."""

from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, StringField
from wtforms.validators import AnyOf, InputRequired

from studyportal.clinic.enrolment.actions import LONGEST_NAME, MOST_CODES, MOST_PLACES
from studyportal.web.code_cards import PAPERS
from studyportal.web.fields import ChoiceField


class CodesForm(FlaskForm):
    """A coordinator's wish for codes; limits are the action's."""

    count = IntegerField(
        "How many codes",
        description=f"One for each person; at most {MOST_CODES} at once.",
        validators=[InputRequired("Say how many, as a number.")],
    )
    expires_on = DateField(
        "Last day on which they can be used",
        validators=[InputRequired("Give the last day, as day, month and year.")],
    )
    paper = ChoiceField(
        "Show them", choices=PAPERS, validators=[AnyOf([code for code, _ in PAPERS], "Choose how to show them.")]
    )


class CampaignForm(FlaskForm):
    """A coordinator's wish for an open link."""

    name = StringField(
        "What it is for",
        description=f"For your own list, such as “Poster in the waiting room”; at most {LONGEST_NAME} characters.",
        validators=[InputRequired("Say what it is for.")],
    )
    cap = IntegerField(
        "How many people may join by it",
        description=f"At most {MOST_PLACES:,}. A place is taken when somebody signs the consent form.",
        validators=[InputRequired("Say how many, as a number.")],
    )
    ends_on = DateField(
        "Last day on which it can be used",
        validators=[InputRequired("Give the last day, as day, month and year.")],
    )


class CloseForm(FlaskForm):
    """Closing a link: nothing to fill in."""
