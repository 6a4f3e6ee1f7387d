"""The forms of the sign-in. Whether what is typed fits is for the actions to say."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, Optional

from studyportal.web.sign_in.passphrases import LONGEST, SHORTEST

_TOO_LONG = Length(max=LONGEST * 4, message="This passphrase is too long.")
_CODE = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
_NEW = {"autocomplete": "new-password"}


class SignInForm(FlaskForm):
    """A name and a passphrase."""

    name = StringField(
        "Name",
        validators=[InputRequired("Type the name of your account."), Length(max=200, message="This name is too long.")],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    passphrase = PasswordField(
        "Passphrase",
        validators=[InputRequired("Type your passphrase."), _TOO_LONG],
        render_kw={"autocomplete": "current-password"},
    )


class CodeForm(FlaskForm):
    """A code of either kind: their looks tell them apart."""

    code = StringField(
        "Code",
        description="The six digits that your authenticator app shows now, or one of your recovery codes.",
        validators=[InputRequired("Type a code."), Length(max=40, message="A code is shorter.")],
        render_kw=_CODE,
    )


class StepUpForm(FlaskForm):
    """A code again, under a name that no other form has: the fields of the page it interrupts travel beside it."""

    step_up_code = StringField(
        "Code",
        description="The six digits that your authenticator app shows now, or one of your recovery codes.",
        validators=[InputRequired("Type a code."), Length(max=40, message="A code is shorter.")],
        render_kw=_CODE,
    )


class AppForm(FlaskForm):
    """The first code of a new authenticator app, which shows that it was set up."""

    code = StringField(
        "Code that the app shows now",
        description="Six digits.",
        validators=[InputRequired("Type the six digits that the app shows now."), Length(max=40)],
        render_kw=_CODE | {"inputmode": "numeric"},
    )


class NameForm(FlaskForm):
    """What somebody calls a factor of theirs."""

    name = StringField(
        "Name",
        description="What you call it, such as “My phone”.",
        validators=[Optional(), Length(max=40, message="Use at most 40 characters.")],
    )


class NamedAppForm(NameForm, AppForm):
    """A new authenticator app and what it is called."""


class NewPassphrase(FlaskForm):
    """A new passphrase, twice, because nobody can look at it again."""

    passphrase = PasswordField(
        "New passphrase",
        description=f"At least {SHORTEST} characters. Four or five random words do.",
        validators=[InputRequired("Think of a passphrase."), _TOO_LONG],
        render_kw=_NEW,
    )
    again = PasswordField(
        "The same passphrase again",
        validators=[
            InputRequired("Type it again."),
            EqualTo("passphrase", message="The two are not the same. Type it again."),
        ],
        render_kw=_NEW,
    )


class WelcomeForm(NewPassphrase):
    """An invitation, and the passphrase of whoever follows it."""

    invitation = StringField(
        "Invitation",
        description="Filled in when you open the address that you were given; otherwise paste what stands after its #.",
        validators=[InputRequired("Paste your invitation."), Length(max=100, message="An invitation is shorter.")],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "data-from-address": True},
    )
