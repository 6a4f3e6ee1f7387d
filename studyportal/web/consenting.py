"""What stands under the text of a consent form: the questions about it, and one choice for each scope, nothing chosen
beforehand.

Drawn in one way for whoever signs and for the custodians who decide whether it may be signed.
"""

from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm
from wtforms.validators import InputRequired

from studyportal.protocol import ConsentForm
from studyportal.saying import said
from studyportal.web.fields import ChoiceField

CHECK, SCOPE = "check-", "scope-"
NO_ANSWER = said("Choose an answer. You may look it up in the text.")


def check_fields(form: ConsentForm) -> dict[str, UnboundField]:
    """A field for each question about the text, named after it."""
    return {
        CHECK + name: ChoiceField(
            question.ask,
            choices=list(question.choices.items()),
            validators=[InputRequired(NO_ANSWER)],
        )
        for name, question in form.check.items()
    }


def is_understood(made: BaseForm, form: ConsentForm) -> bool:
    """Whether each question has the right answer. At those with another one stands what explains it, so that the same
    page can be answered again."""
    for name, question in form.check.items():
        field = made[CHECK + name]
        if not field.data:
            field.errors = [NO_ANSWER]
        elif field.data != question.right:
            field.errors = [question.why]
    return all(made[CHECK + name].data == question.right for name, question in form.check.items())


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
