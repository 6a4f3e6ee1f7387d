"""The form fields that the drawings in templates/forms.html know besides those of WTForms.

They carry text as it was sent; what it means is for the protocol, or for the form, to parse. Nothing is chosen
beforehand.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import Form, RadioField, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from studyportal.saying import said

NO_ANSWER = said("Leave this out")  # nothing is recorded; a reason for no answer is offered by the study document alone


class ChoiceField(RadioField):
    """One of a few, all visible. `choices` is code and words; `skip` adds a last row without an answer."""

    def __init__(self, label: str, *, choices: Sequence[tuple[str, str]], skip: str | None = None, **rest: Any) -> None:
        rows = [SelectChoice(code, words) for code, words in (*choices, *([("", skip)] if skip else []))]
        super().__init__(label, choices=rows, validate_choice=False, **rest)


class ChoicesField(SelectMultipleField):
    """Any number of a few, all visible."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: str, *, choices: Sequence[tuple[str, str]], **rest: Any) -> None:
        super().__init__(label, choices=[SelectChoice(code, words) for code, words in choices], **rest)


class ItemsField(ChoicesField):
    """Some of many, under headings; a hidden field may hold several, separated by spaces. Choices hold no space.

    `groups` are (heading, [(code, words, mark)]), all in the order in which they are drawn; a mark is one word or "".
    """

    def __init__(self, label: str, **rest: Any) -> None:
        super().__init__(label, choices=(), **rest)
        self.groups: list[tuple[str, list[tuple[str, str, str]]]] = []

    def offer(self, groups: Sequence[tuple[str, Sequence[tuple[str, str, str]]]]) -> None:
        """Say what can be chosen."""
        self.groups = [(heading, [*rows]) for heading, rows in groups]
        self.choices = [SelectChoice(code, words) for _, rows in self.groups for code, words, _ in rows]

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = list(dict.fromkeys(code for value in valuelist for code in value.split()))


class ScaleField(ChoiceField):
    """A whole number between two ends that have words, such as 0 "No pain" to 10 "Worst imaginable"."""

    def __init__(
        self, label: str, *, low: int, high: int, low_words: str, high_words: str, skip: str | None = None, **rest: Any
    ) -> None:
        super().__init__(label, choices=[(str(n), str(n)) for n in range(low, high + 1)], skip=skip, **rest)
        self.low, self.high, self.low_words, self.high_words = low, high, low_words, high_words


class NumberField(StringField):
    """A number that may have decimals, typed as text so that nothing is lost before it is parsed."""

    def __init__(self, label: str, *, unit: str = "", **rest: Any) -> None:
        super().__init__(label, **rest)
        self.unit = unit


class WholeNumberField(NumberField):
    """A whole number, typed as text."""


class NotesField(TextAreaField):
    """Free words."""


class TypedWord:
    """The word that a person types to confirm something that cannot be undone."""

    def __init__(self, word: str) -> None:
        self.word = word

    def __call__(self, form: Form, field: Any) -> None:
        if (field.data or "").strip().upper() != self.word.upper():
            raise ValidationError(said("Type %(word)s to confirm.", word=self.word))


def show_problems(form: Form, problems: Mapping[str, str]) -> None:
    """Put the sentences of an `Invalid` refusal at the fields of the same names; others go to the whole form."""
    for name, sentence in problems.items():
        if name in form:
            form[name].errors = [*form[name].errors, sentence]
        else:
            form.form_errors.append(sentence)
