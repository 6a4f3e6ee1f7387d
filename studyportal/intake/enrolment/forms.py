"""Ask for the codes and words that people carry on paper."""

from wtforms import BooleanField, Form, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from studyportal.saying import said

_CODE = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
# Not a password manager's suggestion: the words are ours.
WORDS = {"autocomplete": "current-password", "autocapitalize": "none", "spellcheck": "false"}

REMEMBER = said("Stay signed in on this phone for 30 days")


class JoinForm(Form):
    """The code on the paper from the clinic."""

    code = StringField(
        said("Your enrolment code"),
        description=said("It is on the paper from your clinic, such as K7QM-2V9D-4HXT."),
        validators=[InputRequired(said("Type the code from your paper.")), Length(max=64, message=said("This code is too long."))],
        render_kw=_CODE | {"data-from-address": "code"},
    )


class SignInForm(Form):
    """Participant code and six words."""

    code = StringField(
        said("Your participant code"),
        description=said("It is on the sheet that you kept, such as NS-4F7K-91QD."),
        validators=[InputRequired(said("Type your participant code.")), Length(max=64, message=said("This code is too long."))],
        render_kw=_CODE | {"autocomplete": "username"},
    )
    passphrase = PasswordField(
        said("Your six words"),
        description=said("With spaces between them. Capitals do not matter."),
        validators=[InputRequired(said("Type your six words.")), Length(max=256, message=said("This is more than six words."))],
        render_kw=WORDS,
    )
    remember = BooleanField(REMEMBER)
