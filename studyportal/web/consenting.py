"""The choices at the end of a consent form: one question for each scope, nothing chosen beforehand.

Drawn in one way for whoever signs and for the custodians who decide whether it may be signed.
"""

from wtforms.fields.core import UnboundField
from wtforms.validators import InputRequired

from studyportal.protocol import ConsentForm
from studyportal.saying import said
from studyportal.web.fields import ChoiceField

SCOPE = "scope-"


def scope_fields(form: ConsentForm) -> dict[str, UnboundField]:
    """A field for each scope, named after it."""
    return {
        SCOPE + scope.name: ChoiceField(
            scope.ask,
            choices=[("yes", said("Yes")), ("no", said("No"))],
            description=said("Needed to take part.") if scope.required else said("You can take part either way."),
            validators=[InputRequired(said("Choose yes or no."))],
        )
        for scope in form.scopes.values()
    }
