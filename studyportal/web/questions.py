"""The form fields in which a study asks: a field for every kind of question, a reason in place of an answer, a branch.

They carry what was sent as text, so that a wrong answer is shown again to be put right; what it means is for the
protocol to parse. Nothing is chosen beforehand. How they are drawn is in templates/forms.html and questions.html.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Field, StringField
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm

from studyportal.web.fields import (
    ChoiceField,
    ChoicesField,
    NotesField,
    NumberField,
    ScaleField,
    WholeNumberField,
)

# Before the name of a reason, where it is sent in place of an answer. No code of a choice begins so.
REASON = "~"


class Question:
    """What a question has besides its answer. Mixed into the fields below.

    `kind` tells scripts how to read the answer, `reasons` are code and words of what may stand in its place, `branch`
    is the tree (JSON) of when it is asked and `only_if` the same in words. `lang` is the language of the study's words.
    `least` and `most` bound a number, if they are given.
    """

    def __init__(
        self,
        *arguments: Any,
        kind: str = "",
        reasons: Sequence[tuple[str, str]] = (),
        branch: str = "",
        only_if: str = "",
        lang: str = "",
        least: float | None = None,
        most: float | None = None,
        **rest: Any,
    ) -> None:
        super().__init__(*arguments, **rest)
        self.least, self.most = least, most
        self.kind, self.branch, self.only_if, self.lang = kind, branch, only_if, lang
        self.reasons = [(REASON + code, words) for code, words in reasons]
        self.given: tuple[str, ...] = ()

    def process_formdata(self, values: list[str]) -> None:
        """Tell reasons from answers: both arrive under the name of the question."""
        offered = {code for code, _ in self.reasons}
        self.given = tuple(value for value in values if value in offered)
        super().process_formdata([value for value in values if value not in offered])  # type: ignore[misc]


class _InOneList(Question):
    """A question whose reasons are the last of its own buttons, so that only one of them all can be chosen."""

    def __init__(self, *arguments: Any, reasons: Sequence[tuple[str, str]] = (), **rest: Any) -> None:
        super().__init__(*arguments, reasons=reasons, **rest)
        self.choices = [*self.choices, *self.reasons]  # type: ignore[has-type]

    def process_formdata(self, values: list[str]) -> None:
        super(Question, self).process_formdata(values)  # type: ignore[misc]


class OneOfQuestion(_InOneList, ChoiceField):
    """One of a few, all visible."""


class ScaleQuestion(_InOneList, ScaleField):
    """A button for every number between two ends that have words."""


class LineQuestion(Question, StringField):
    """One line of words, or whatever else fits one."""


class NotesQuestion(Question, NotesField):
    """Free words."""


class NumberQuestion(Question, NumberField):
    """A number that may have decimals."""


class WholeNumberQuestion(Question, WholeNumberField):
    """A whole number."""


class AnalogueQuestion(WholeNumberQuestion):
    """A place between two ends, as a number; a script adds a slider that shows no place until it is touched."""

    def __init__(self, *arguments: Any, low: int, high: int, low_words: str, high_words: str, **rest: Any) -> None:
        super().__init__(*arguments, **rest)
        self.low, self.high, self.low_words, self.high_words = low, high, low_words, high_words


class DayQuestion(LineQuestion):
    """A day."""


class ClockQuestion(LineQuestion):
    """A time of day."""


class MomentQuestion(LineQuestion):
    """A day and a time of day."""


class DurationQuestion(Question, Field):
    """Hours and minutes, in two inputs: `<name>-hours` and `<name>-minutes`."""

    hours = minutes = ""

    def process(self, formdata: Any, *rest: Any, **named: Any) -> None:
        """Read both inputs beside the reasons."""
        super().process(formdata, *rest, **named)
        if formdata is not None:
            self.hours, self.minutes = (formdata.get(f"{self.name}-{part}", "") for part in ("hours", "minutes"))

    def process_formdata(self, values: list[str]) -> None:
        super().process_formdata([])
        self.given = tuple(value for value in values if value in {code for code, _ in self.reasons})


class SomeOfQuestion(Question, ChoicesField):
    """Any number of a few, all visible; the choice of the code `none`, if there is one, excludes the others."""

    def process_formdata(self, values: list[str]) -> None:
        super().process_formdata(values)
        self.data = list(self.data or ())

    @property
    def excluding(self) -> str:
        """The code of the choice that excludes all others, or ""."""
        return "none" if any(code == "none" for code, *_ in self.choices) else ""


class BodyMapQuestion(SomeOfQuestion):
    """Regions of the body: a figure and the list of their names, which are one control."""


class GroupQuestion(Question, Field):
    """Rows of the same questions, such as medicines: `<name>-<row>-<question>`. Blank rows count for nothing.

    `rows` are the rows that were sent and are not blank, `empty` so many blank ones as are offered after them.
    """

    OFFERED = 3  # blank rows, so that a browser without scripts can begin

    def __init__(self, *arguments: Any, questions: Mapping[str, UnboundField], at_most: int, **rest: Any) -> None:
        super().__init__(*arguments, **rest)
        self.questions, self.at_most = questions, at_most
        self.rows: list[BaseForm] = []

    def process(self, formdata: Any, *rest: Any, **named: Any) -> None:
        """Read the rows that were sent, closing the gaps between them."""
        super().process(formdata, *rest, **named)
        sent = sent_rows(self.name, formdata) if formdata is not None else []
        self.rows = [self._row(number, row) for number, row in enumerate(sent)]

    def process_formdata(self, values: list[str]) -> None:
        super().process_formdata([])
        self.given = tuple(value for value in values if value in {code for code, _ in self.reasons})

    @property
    def empty(self) -> list[BaseForm]:
        """Blank rows to go on with."""
        offered = range(len(self.rows), min(self.at_most, len(self.rows) + self.OFFERED))
        return [self._row(number, None) for number in offered]

    @property
    def pattern(self) -> BaseForm:
        """A blank row whose number is still to be written: `row` stands in its place."""
        return self._row("row", None)

    def _row(self, number: int | str, sent: MultiDict[str, str] | None) -> BaseForm:
        prefix = f"{self.name}-{number}-"
        row = BaseForm(self.questions, prefix=prefix)
        row.process(sent and MultiDict((prefix + name, value) for name, value in sent.items(multi=True)))
        return row


class HeadingQuestion(Question, Field):
    """No question: words over the ones that follow."""


class ExplanationQuestion(Question, Field):
    """No question: words between two of them."""


_ROW = re.compile(r"([0-9]{1,4})-([a-z][a-z0-9_]{0,39}(?:-hours|-minutes)?)")


def sent_rows(name: str, sent: MultiDict[str, str]) -> list[MultiDict[str, str]]:
    """The rows of a group as they were sent, in their order, without the blank ones."""
    rows: dict[int, MultiDict[str, str]] = {}
    for field, value in sent.items(multi=True):
        if field.startswith(f"{name}-") and (found := _ROW.fullmatch(field, len(name) + 1)):
            rows.setdefault(int(found[1]), MultiDict()).add(found[2], value)
    return [row for _, row in sorted(rows.items()) if any(value.strip() for value in row.values())]
