"""Invite somebody, and end an account by typing whose it is."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from studyportal.custody.staff.homes import DUTIES
from studyportal.web.fields import ChoiceField
from studyportal.web.sign_in.accounts import normalised_name
from studyportal.web.sign_in.actions import LONGEST_NAME, UNFIT_NAME

NOWHERE = ("", "No site")


class InviteForm(FlaskForm):
    """Who, as what, and where."""

    name = StringField(
        "Name",
        description="As colleagues know this person; it stands in the trail and beside what they do.",
        validators=[InputRequired("Type the name."), Length(max=LONGEST_NAME * 4, message=UNFIT_NAME)],
        render_kw={"autocomplete": "off"},
    )
    role = ChoiceField(
        "Role", choices=tuple(DUTIES.items()), validators=[InputRequired("Choose what this person does.")]
    )
    site = SelectField("Site", description="Only clinicians and coordinators belong to one.", validate_choice=False)

    def __init__(self, sites: Sequence[sa.Row], **rest: Any) -> None:
        super().__init__(**rest)
        self.site.choices = [NOWHERE, *((one.id, f"{one.name} ({one.id})") for one in sites)]


class _Named:
    """The name of whoever it is about, in any case and spelling of Unicode."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, form: FlaskForm, field: StringField) -> None:
        if normalised_name(field.data or "") != normalised_name(self._name):
            raise ValidationError("Type the name as it stands above.")


def end_form(name: str, **given: Any) -> FlaskForm:
    """The form that ends the account of this name."""
    sentence = "Type the name to confirm."
    word = StringField(
        f"Type {name} to confirm",
        validators=[InputRequired(sentence), _Named(name)],
        render_kw={"autocomplete": "off", "dir": "auto"},
    )
    return type("EndForm", (FlaskForm,), {"word": word})(**given)  # type: ignore[no-any-return]
