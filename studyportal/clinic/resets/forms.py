"""How the identity was checked: one of a short list, none chosen beforehand."""

from flask_wtf import FlaskForm
from wtforms import ValidationError

from studyportal.clinic.resets.checks import CHECKS
from studyportal.web.fields import ChoiceField


class CheckForm(FlaskForm):
    """What one member of staff has done to be sure."""

    check = ChoiceField("How did you make sure who it is?", choices=list(CHECKS.items()))

    def validate_check(self, field: ChoiceField) -> None:
        if field.data not in CHECKS:
            raise ValidationError(
                "Choose how you made sure. On the phone or by mail nobody can be sure: ask them to come."
            )
