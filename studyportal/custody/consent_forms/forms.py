"""Each act on a consent form is confirmed by its word, under the text that was read."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.form import BaseForm
from wtforms.validators import InputRequired

from studyportal.protocol import ConsentForm
from studyportal.web.consenting import check_fields, scope_fields
from studyportal.web.fields import TypedWord


class ActForm(FlaskForm):
    """The text that was read."""

    read = HiddenField()


def act_form(word: str, *, read: str) -> ActForm:
    """The form of one act."""
    sentence = f"Type {word} to confirm"
    field = StringField(
        sentence,
        validators=[InputRequired(f"{sentence}."), TypedWord(word)],
        render_kw={"autocomplete": "off"},
    )
    return type("WordForm", (ActForm,), {"word": field})(data={"read": read})  # type: ignore[no-any-return]


def shown_choices(form: ConsentForm) -> BaseForm:
    """The questions about the text and the choices as a participant finds them; nobody sends them from here."""
    made = BaseForm(check_fields(form) | scope_fields(form))
    made.process(None)
    return made
