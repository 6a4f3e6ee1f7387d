"""Draw an instrument as a form. Nothing is chosen beforehand; what is sent is parsed by the protocol, not here."""

from collections.abc import Callable, Mapping

from wtforms import DateField, TimeField
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm
from wtforms.validators import InputRequired

from studyportal.protocol import KINDS, Instrument, Item
from studyportal.web.fields import NO_ANSWER, ChoiceField, NotesField, NumberField, ScaleField, WholeNumberField


class _AsTyped:
    """Keep what was typed, so that a wrong answer is shown again to be put right, and nothing is parsed twice."""

    def process_formdata(self, values: list[str]) -> None:
        self.data = values[0] if values else None


class DayField(_AsTyped, DateField):
    """A day, kept as it was typed."""


class ClockField(_AsTyped, TimeField):
    """A time of day, kept as it was typed."""


DayField.__name__, ClockField.__name__ = "DateField", "TimeField"  # the names that templates/forms.html draws


def _about(item: Item) -> dict[str, object]:
    return {
        "label": item.ask,
        "description": item.hint,
        "validators": [InputRequired()] if item.required else [],
    }


def _skip(item: Item) -> str | None:
    # A question that offers "I prefer not to say" itself needs no second way to say nothing.
    return None if item.required or "not_said" in item.choices else NO_ANSWER


def _scale(item: Item) -> UnboundField:
    return ScaleField(
        low=item.minimum, high=item.maximum, low_words=item.low, high_words=item.high, skip=_skip(item), **_about(item)
    )


def _notes(item: Item) -> UnboundField:
    return NotesField(**_about(item), render_kw={"maxlength": item.max_length})


# How each `form_field` of the protocol's kinds is asked.
FORM_FIELDS: Mapping[str, Callable[[Item], UnboundField]] = {
    "choice": lambda item: ChoiceField(choices=list(item.choices.items()), skip=_skip(item), **_about(item)),
    "date": lambda item: DayField(**_about(item)),
    "decimal": lambda item: NumberField(unit=item.unit, **_about(item)),
    "integer": lambda item: WholeNumberField(unit=item.unit, **_about(item)),
    "notes": _notes,
    "scale": _scale,
    "time": lambda item: ClockField(**_about(item)),
    "yes_no": lambda item: ChoiceField(choices=[("yes", "Yes"), ("no", "No")], skip=_skip(item), **_about(item)),
}


def diary_form(instrument: Instrument, data: Mapping[str, str] | None) -> BaseForm:
    """The form of an instrument, with what was sent before in `data`. Call it for drawing, never to validate."""
    form = BaseForm({item.name: FORM_FIELDS[KINDS[item.kind].form_field](item) for item in instrument.items.values()})
    form.process(data)
    return form
