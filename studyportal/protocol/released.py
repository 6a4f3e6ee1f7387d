"""Show a study as researchers may see it: what is released, in the form in which it is released.

Of a question that is dropped nothing remains, not its name, not its text.
"""

from typing import Any

from studyportal.protocol.document import Instrument, Protocol
from studyportal.protocol.items import Item
from studyportal.protocol.schedules import Schedule
from studyportal.protocol.treatments import TREATMENTS, released_bands


def released(protocol: Protocol) -> dict[str, Any]:
    """The released view, made of JSON values. Instruments without any released item are left out."""
    views = {name: _instrument(instrument) for name, instrument in protocol.instruments.items()}
    return {
        "study": {
            "code": protocol.study.code, "title": protocol.study.title, "version": protocol.study.version,
        },
        "disclosure": {"threshold": protocol.disclosure.threshold, "rounding": protocol.disclosure.rounding},
        "instruments": {name: view for name, view in views.items() if view["items"]},
    }  # fmt: skip


def _instrument(instrument: Instrument) -> dict[str, Any]:
    items = {name: released_item(item) for name, item in instrument.items.items()}
    return {
        "title": instrument.title,
        "schedule": _schedule(instrument.schedule),
        "items": {name: item for name, item in items.items() if item is not None},
    }


def _schedule(schedule: Schedule) -> dict[str, Any]:
    view: dict[str, Any] = {"form": schedule.form, "description": schedule.describe()}
    if not schedule.on_demand:
        view |= {"first_day": schedule.first_day, "every_days": schedule.every_days, "last_day": schedule.last_day}
    return view


def released_item(item: Item) -> dict[str, Any] | None:
    """One question after its treatment: kind, column type, texts, limits, labels. None if it is dropped.

    `choices` maps codes to labels, in order; of a banded item codes and labels are the same and `bins` lists the edges.
    """
    treatment = TREATMENTS[item.release.treatment]
    kind = treatment.kind(item)
    if kind is None:
        return None
    view: dict[str, Any] = {
        "ask": item.ask,
        "kind": kind,
        "column": treatment.column(item),
        "treatment": treatment.name,
        "treated": treatment.describe(item),
        "quasi_identifier": item.quasi_identifier,
    }
    return view | VIEWS[treatment.name](item)


def _as_asked(item: Item) -> dict[str, Any]:
    view: dict[str, Any] = {name: text for name in ("low", "high", "unit") if (text := getattr(item, name))}
    if item.minimum is not None:
        view |= {"minimum": item.minimum, "maximum": item.maximum}
    return view | ({"choices": dict(item.choices)} if item.choices else {})


def _bands(item: Item) -> dict[str, Any]:
    view = {"choices": {label: label for label in released_bands(item)}, "bins": list(item.release.parameters["edges"])}
    return view | ({"unit": item.unit} if item.unit else {})


# What else is said about an item after each treatment.
VIEWS = {
    "keep": _as_asked,
    "drop": lambda item: {},
    "band": _bands,
    "top_code": lambda item: _as_asked(item) | {"maximum": item.release.parameters["at"]},
    "relative_day": lambda item: {"unit": "study day"},
    "hour": lambda item: {"unit": "hour", "minimum": 0, "maximum": 23},
}
