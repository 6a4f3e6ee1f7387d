"""What somebody types who has a code from their clinic."""

from wtforms import Form, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from studyportal.intake.enrolment.forms import WORDS
from studyportal.saying import said

_CODE = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


class ResetForm(Form):
    """Participant code, and the code that the clinic handed over."""

    code = StringField(
        said("Your participant code"),
        description=said("It is on the sheet that you kept, such as NS-4F7K-91QD. Your clinic knows it too."),
        validators=[
            InputRequired(said("Type your participant code.")),
            Length(max=64, message=said("This code is too long.")),
        ],
        render_kw=_CODE,
    )
    reset_code = StringField(
        said("The code from your clinic"),
        description=said("Three groups of four, such as K7QM-2V9D-4HXT. It works once."),
        validators=[
            InputRequired(said("Type the code from your clinic.")),
            Length(max=64, message=said("This code is too long.")),
        ],
        render_kw=_CODE,
    )


class NewWordsForm(Form):
    """The new words, typed from the sheet: so that nobody goes on without them."""

    passphrase = PasswordField(
        said("Your six new words"),
        description=said("From the sheet that you have just kept. Capitals do not matter."),
        validators=[
            InputRequired(said("Type your six new words.")),
            Length(max=256, message=said("This is more than six words.")),
        ],
        render_kw=WORDS | {"autocomplete": "off"},
    )
