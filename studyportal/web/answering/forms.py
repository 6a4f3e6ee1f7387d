"""Draw an instrument as a form. Nothing is chosen beforehand; what is sent is parsed by the protocol, not here."""

import json
from collections.abc import Callable, Mapping

from werkzeug.datastructures import MultiDict
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm
from wtforms.validators import InputRequired

from studyportal.protocol import KINDS, Instrument, Item
from studyportal.protocol.expressions import NotAnExpression, branching
from studyportal.protocol.wording import in_words
from studyportal.saying import said
from studyportal.web.fields import NO_ANSWER
from studyportal.web.questions import (
    AnalogueQuestion,
    BodyMapQuestion,
    ClockQuestion,
    DayQuestion,
    DurationQuestion,
    ExplanationQuestion,
    GroupQuestion,
    HeadingQuestion,
    LineQuestion,
    MomentQuestion,
    NotesQuestion,
    NumberQuestion,
    OneOfQuestion,
    ScaleQuestion,
    SomeOfQuestion,
    WholeNumberQuestion,
)

Items = Mapping[str, Item]
About = Mapping[str, object]


def _about(item: Item, asked: Items, language: str) -> About:
    return {
        "label": item.ask,
        "description": item.hint,
        "validators": [InputRequired()] if item.required else [],
        "kind": item.kind,
        "lang": language,
        "least": item.minimum,
        "most": item.maximum,
        "reasons": list(item.missing.items()),
        "branch": _branch(item, asked),
        "only_if": in_words(item.when, asked) if item.when is not None else "",
    }


def _branch(item: Item, asked: Items) -> str:
    """The tree that a browser walks, as JSON; "" for what is always asked.

    A browser knows only what is answered on the same form. Where a branch hangs on something that is worked out later,
    the question stays visible with its words, and the protocol decides when the entry arrives.
    """
    if item.when is None or not all(name in asked and KINDS[asked[name].kind].answered for name in item.when.names):
        return ""
    try:
        return json.dumps(branching(item.when), separators=(",", ":"))
    except NotAnExpression:
        return ""


def _skip(item: Item) -> str | None:
    # A question that offers a reason for no answer needs no second way to say nothing.
    return None if item.required or item.missing or "not_said" in item.choices else NO_ANSWER


def _ends(item: Item) -> Mapping[str, object]:
    return {"low": item.minimum, "high": item.maximum, "low_words": item.low, "high_words": item.high}


def _one_of(item: Item, about: About) -> UnboundField:
    return OneOfQuestion(choices=list(item.choices.items()), skip=_skip(item), **about)


def _yes_no(item: Item, about: About) -> UnboundField:
    return OneOfQuestion(choices=[("yes", said("Yes")), ("no", said("No"))], skip=_skip(item), **about)


def _some_of(item: Item, about: About) -> UnboundField:
    return SomeOfQuestion(choices=_with_none(item), **about)


def _body_map(item: Item, about: About) -> UnboundField:
    return BodyMapQuestion(choices=[*item.choices.items(), ("none", item.none or said("Nowhere"))], **about)


def _with_none(item: Item) -> list[tuple[str, str]]:
    return [*item.choices.items(), *([("none", item.none)] if item.none else [])]


def _group(item: Item, about: About) -> UnboundField:
    questions = {name: _field(one, item.items, str(about["lang"])) for name, one in item.items.items()}
    return GroupQuestion(questions=questions, at_most=item.at_most, **about)


def _text(item: Item, about: About) -> UnboundField:
    return LineQuestion(render_kw={"maxlength": item.max_length}, **about)


def _notes(item: Item, about: About) -> UnboundField:
    return NotesQuestion(render_kw={"maxlength": item.max_length}, **about)


# How each `form_field` of the protocol's kinds is asked; None for what is worked out and never asked.
FORM_FIELDS: Mapping[str, Callable[[Item, About], UnboundField] | None] = {
    "analogue": lambda item, about: AnalogueQuestion(**_ends(item), **about),
    "body_map": _body_map,
    "choice": _one_of,
    "choices": _some_of,
    "date": lambda item, about: DayQuestion(**about),
    "date_time": lambda item, about: MomentQuestion(**about),
    "decimal": lambda item, about: NumberQuestion(unit=item.unit, **about),
    "duration": lambda item, about: DurationQuestion(**about),
    "explanation": lambda item, about: ExplanationQuestion(**about),
    "group": _group,
    "heading": lambda item, about: HeadingQuestion(**about),
    "integer": lambda item, about: WholeNumberQuestion(unit=item.unit, **about),
    "notes": _notes,
    "nothing": None,
    "scale": lambda item, about: ScaleQuestion(skip=_skip(item), **_ends(item), **about),
    "text": _text,
    "time": lambda item, about: ClockQuestion(**about),
    "yes_no": _yes_no,
}


def _field(item: Item, asked: Items, language: str) -> UnboundField:
    return FORM_FIELDS[KINDS[item.kind].form_field](item, _about(item, asked, language))  # type: ignore[misc]


def diary_form(instrument: Instrument, data: MultiDict[str, str] | None, *, language: str = "en") -> BaseForm:
    """The form of an instrument, with what was sent before in `data`. Call it for drawing, never to validate.

    `language` is that of the study's words.
    """
    asked = instrument.items
    drawn = [item for item in asked.values() if FORM_FIELDS[KINDS[item.kind].form_field]]
    form = BaseForm({item.name: _field(item, asked, language) for item in drawn})
    form.process(data)
    return form
