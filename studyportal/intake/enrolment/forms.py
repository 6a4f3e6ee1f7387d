"""Ask for the codes and words that people carry on paper."""

from wtforms import BooleanField, Form, HiddenField, PasswordField, StringField
from wtforms.validators import AnyOf, InputRequired, Length

from studyportal.intake.enrolment.passkeys import DEVICES
from studyportal.saying import said
from studyportal.web.fields import ChoiceField

_CODE = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
# Not a password manager's suggestion: the words are ours.
WORDS = {"autocomplete": "current-password", "autocapitalize": "none", "spellcheck": "false"}


def staying() -> BooleanField:
    """Whether this is their own device, which may keep their diary."""
    return BooleanField(
        said("Stay signed in on this phone for 30 days"),
        description=said("Only if it is yours alone. Your diary then also works where there is no network."),
    )


def _words() -> PasswordField:
    return PasswordField(
        said("Your six words"),
        description=said("From your sheet, with spaces between them. Capitals do not matter."),
        validators=[
            InputRequired(said("Type your six words.")),
            Length(max=256, message=said("This is more than six words.")),
        ],
        render_kw=WORDS,
    )


class JoinForm(Form):
    """The code on the paper from the clinic."""

    code = StringField(
        said("Your enrolment code"),
        description=said("It is on the paper from your clinic, such as K7QM-2V9D-4HXT."),
        validators=[
            InputRequired(said("Type the code from your paper.")),
            Length(max=64, message=said("This code is too long.")),
        ],
        render_kw=_CODE | {"data-from-address": "code"},
    )


class SignInForm(Form):
    """Participant code and six words."""

    code = StringField(
        said("Your participant code"),
        description=said("It is on the sheet that you kept, such as NS-4F7K-91QD."),
        validators=[
            InputRequired(said("Type your participant code.")),
            Length(max=64, message=said("This code is too long.")),
        ],
        render_kw=_CODE | {"autocomplete": "username"},
    )
    passphrase = _words()
    remember = staying()


class PasskeyForm(Form):
    """What goes along with a passkey; beside `SignInForm` on one page, so under a name of its own."""

    stay = staying()


class NewPasskeyForm(Form):
    """The words, and on what the passkey will be: a choice, because a text of one's own could be a name."""

    device = ChoiceField(
        said("Where will it be?"),
        description=said("So that you know it again. The device shows this beside the word Diary."),
        choices=[(code, words or said("I would rather not say")) for code, words in DEVICES.items()],
        validators=[AnyOf(list(DEVICES), said("Choose one."))],
    )
    passphrase = _words()


class RemovePasskeyForm(Form):
    """Which one, and the words."""

    passkey = HiddenField()
    passphrase = _words()


class OpenForm(Form):
    """The words under a name that no other form has: the fields of the page that this interrupts travel beside it."""

    opening_words = _words()
