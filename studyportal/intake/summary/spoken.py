"""Say the sentences of a paper in the language of its reader: a paper prints texts as they are."""

from dataclasses import fields, replace
from typing import Any, TypeVar

from studyportal.charts import Chart
from studyportal.paper import Part
from studyportal.web.translating import in_words

Of = TypeVar("Of", bound=Part)


def spoken(part: Of) -> Of:
    """The same part in the language of the visitor."""
    return replace(part, **{one.name: _spoken(getattr(part, one.name)) for one in fields(part)})


def _spoken(value: Any) -> Any:
    if isinstance(value, Chart):
        return replace(value, title=in_words(value.title), note=in_words(value.note))
    return tuple(map(_spoken, value)) if isinstance(value, tuple) else in_words(value)
