"""Questions about the text, one choice per scope, nothing chosen beforehand, and the six words as the signature.

Whoever chose another answer than the right one reads what explains it, and answers again; nobody counts how often.
"""

from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones

from wtforms import PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.form import BaseForm
from wtforms.validators import InputRequired

from studyportal.errors import Invalid
from studyportal.intake.enrolment.forms import WORDS, staying
from studyportal.protocol import ConsentForm
from studyportal.registry.name_seals import NO_NAME, read_name
from studyportal.saying import said
from studyportal.web.consenting import SCOPE, check_fields, is_understood, scope_fields

# The name of the button under the questions about the text.
CHECK_ALONE = "check"

_NO = said("Without this you cannot take part. You may simply leave the page; nothing has been kept.")


@cache
def _zones() -> list[SelectChoice]:
    named = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))
    words = {"": said("Choose your time zone")} | {zone: zone.replace("_", " ") for zone in [*named, "UTC"]}
    return [SelectChoice(zone, shown) for zone, shown in words.items()]


def signing_form(form: ConsentForm, data: Mapping[str, str] | None, *, zone: str | None = None) -> BaseForm:
    """The form at the end of the consent text; `zone` is known already for somebody who is enrolled."""
    fields = check_fields(form) | scope_fields(form)
    if form.asks_name:
        fields["name"] = StringField(
            said("Your full name"),
            description=said(
                "The law where this study runs asks for it. It is locked at once and printed on the signed copy only."
            ),
            validators=[InputRequired(NO_NAME)],
            render_kw={"autocomplete": "name", "autocapitalize": "words", "spellcheck": "false"},
        )
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
        fields["remember"] = staying()
    made = BaseForm(fields)
    made.process(data)
    return made


def is_signed(made: BaseForm, form: ConsentForm) -> bool:
    """Check a sent form: the text understood, every scope answered, the needed ones with yes. Problems stand at their
    fields."""
    complete = made.validate()
    complete = is_understood(made, form) and complete
    for name in form.required:
        if made[SCOPE + name].data == "no":
            made[SCOPE + name].errors = [_NO]
            complete = False
    if form.asks_name and made["name"].data:
        try:
            read_name(made["name"].data)
        except Invalid as refusal:
            made["name"].errors = list(refusal.problems.values())
            complete = False
    return complete


def given_name(made: BaseForm, form: ConsentForm) -> str:
    """The name that was typed; "" where none is asked."""
    return made["name"].data if form.asks_name else ""


def is_check_alone(made: BaseForm, form: ConsentForm, data: Mapping[str, str]) -> bool:
    """Whether somebody wants to know only whether the text is understood, before they type six words; then the
    sentences stand at the questions."""
    if CHECK_ALONE not in data:
        return False
    is_understood(made, form)
    return True


def chosen_scopes(made: BaseForm, form: ConsentForm) -> tuple[str, ...]:
    """The scopes that were answered with yes."""
    return tuple(name for name in form.scopes if made[SCOPE + name].data == "yes")
