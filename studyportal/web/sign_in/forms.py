"""The sign-in form."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from studyportal.web.sign_in.passphrases import LONGEST


class SignInForm(FlaskForm):
    """A name and a passphrase. Whether they fit is for the action to say."""

    name = StringField(
        "Name",
        validators=[InputRequired("Type the name of your account."), Length(max=200, message="This name is too long.")],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    passphrase = PasswordField(
        "Passphrase",
        validators=[
            InputRequired("Type your passphrase."),
            Length(max=LONGEST * 4, message="This passphrase is too long."),
        ],
        render_kw={"autocomplete": "current-password"},
    )
