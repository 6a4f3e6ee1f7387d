"""One choice per scope, nothing chosen beforehand, and the six words as the signature."""

from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones

from wtforms import BooleanField, PasswordField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.form import BaseForm
from wtforms.validators import InputRequired

from studyportal.intake.enrolment.forms import REMEMBER, WORDS
from studyportal.protocol import ConsentForm
from studyportal.saying import said
from studyportal.web.consenting import SCOPE, scope_fields

_NO = said("Without this you cannot take part. You may simply leave the page; nothing has been kept.")


@cache
def _zones() -> list[SelectChoice]:
    named = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))
    words = {"": said("Choose your time zone")} | {zone: zone.replace("_", " ") for zone in [*named, "UTC"]}
    return [SelectChoice(zone, shown) for zone, shown in words.items()]


def signing_form(form: ConsentForm, data: Mapping[str, str] | None, *, zone: str | None = None) -> BaseForm:
    """The form at the end of the consent text; `zone` is known already for somebody who is enrolled."""
    fields = scope_fields(form)
    if zone is None:
        fields["zone"] = SelectField(
            said("Your time zone"),
            choices=_zones(),
            description=said("Your diary opens and closes by its clock."),
            validate_choice=False,
            validators=[InputRequired(said("Choose the time zone in which you live."))],
        )
    fields["passphrase"] = PasswordField(
        said("Your six words"),
        description=said("Typing them is your signature."),
        validators=[InputRequired(said("Type the six words from your sheet."))],
        render_kw=WORDS,
    )
    if zone is None:
        fields["remember"] = BooleanField(REMEMBER)
    made = BaseForm(fields)
    made.process(data)
    return made


def is_signed(made: BaseForm, form: ConsentForm) -> bool:
    """Check a sent form: every scope answered, the needed ones with yes. Problems stand at their fields."""
    complete = made.validate()
    for name in form.required:
        if made[SCOPE + name].data == "no":
            made[SCOPE + name].errors = [_NO]
            complete = False
    return complete


def chosen_scopes(made: BaseForm, form: ConsentForm) -> tuple[str, ...]:
    """The scopes that were answered with yes."""
    return tuple(name for name in form.scopes if made[SCOPE + name].data == "yes")
