"""Make a site; change its name and whom it wants mailed."""

from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from studyportal.custody.delivery.actions import LEAST, MOST
from studyportal.custody.sites.actions import LONGEST

_OFF = {"autocomplete": "off"}


class NameForm(FlaskForm):
    """What a site is called."""

    name = StringField(
        "Name",
        description="Participants read it when they join.",
        validators=[
            InputRequired("Type the name."),
            Length(max=LONGEST, message=f"Use at most {LONGEST} characters."),
        ],
        render_kw=_OFF,
    )


class NewSiteForm(NameForm):
    """A new site."""

    code = StringField(
        "Letters",
        description="Two to four capital letters, such as NS. Every participant code of the site begins with them; they never change.",
        validators=[
            InputRequired("Type two to four capital letters."),
            Length(max=4, message="Use two to four capital letters."),
        ],
        render_kw=_OFF | {"autocapitalize": "characters", "spellcheck": "false"},
    )


class SiteForm(NameForm):
    """A site that is there. Address and minutes go together; without them nobody is mailed."""

    address = StringField(
        "Mail address for alerts that wait",
        description="One address that somebody reads, such as care@clinic.example. Leave it empty to mail nobody.",
        validators=[Optional(), Length(max=254, message="A mail address is shorter.")],
        render_kw=_OFF | {"spellcheck": "false", "autocapitalize": "none", "inputmode": "email"},
    )
    after = IntegerField(
        "After how many minutes",
        description=f"How long an urgent alert may wait, {LEAST} to {MOST:,}.",
        validators=[
            Optional(),
            NumberRange(min=LEAST, max=MOST, message=f"Give {LEAST} to {MOST:,} minutes."),
        ],
    )
