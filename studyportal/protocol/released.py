"""Show a study as researchers may see it: what is released, in the form in which it is released.

Of a question that is dropped nothing remains: not its name, not its text, not the condition of another that reads it.
Research knows numbers, yes or no, and one of several codes. What is released as a set of codes is spread into one
yes-or-no column per code, and why somebody did not answer is a column of its own. The columns are those of all versions
of the study; where one begins, ends or changed with a version, its `history` says so.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from studyportal.protocol.amendments import Line, instruments, lineage
from studyportal.protocol.document import Instrument, Protocol
from studyportal.protocol.items import Item
from studyportal.protocol.schedules import Schedule
from studyportal.protocol.scores import SCORES
from studyportal.protocol.treatments import SET, TREATMENTS
from studyportal.protocol.wording import in_words

_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")
REASON = "missing"  # how the column of reasons ends


def released(protocol: Protocol) -> dict[str, Any]:
    """The released view, made of JSON values. Instruments without any released item are left out."""
    lines, known = lineage(protocol), instruments(protocol)
    views = {name: _instrument(instrument, lines[name], known) for name, instrument in known.items()}
    shown = {name for name, view in views.items() if view["items"]}
    for name in shown:
        views[name]["schedule"] = _schedule(known[name].schedule, known, shown)
    return {
        "study": {
            "code": protocol.study.code, "title": protocol.study.title, "version": protocol.study.version,
        },
        "disclosure": asdict(protocol.disclosure),
        "instruments": {name: view for name, view in views.items() if name in shown},
    }  # fmt: skip


def _instrument(instrument: Instrument, lines: Sequence[Line], known: Mapping[str, Instrument]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    kept = _kept(instrument, known)
    dropped = {line.column for line in lines if not released_columns(line.item, name=line.column)}
    for line in lines:
        history = [_without(sentence, dropped) for sentence in line.history]
        more = _explained(line.item, kept) | ({"history": history} if history else {})
        columns |= {name: view | more for name, view in released_columns(line.item, name=line.column).items()}
    return {"title": instrument.title, "by": instrument.by, "schedule": {}, "items": columns}


def _without(sentence: str, dropped: Collection[str]) -> str:
    """A sentence on what came before or after, without the name of a column that is not released."""
    for column in dropped:
        sentence = sentence.replace(f" in place of {column}:", ":").replace(f"; {column} is asked in its place.", ".")
    return sentence


def _schedule(schedule: Schedule, known: Mapping[str, Instrument], shown: Collection[str]) -> dict[str, Any]:
    view: dict[str, Any] = {
        "form": schedule.form,
        "description": schedule.describe(),
        # Whether it is asked once, so that its answers stand with the person: custody and research both go by this.
        "once": schedule.is_once or schedule.form == "before_consent",
        "on_demand": schedule.on_demand,
    }
    if schedule.after:
        title = known[schedule.after].title if schedule.after in shown else ""
        view["description"] = f"After each entry of {title}." if title else "After an event."
    if not schedule.on_demand:
        view |= {"first_day": schedule.first_day, "every_days": schedule.every_days, "last_day": schedule.last_day}
    return view


def _kept(instrument: Instrument, known: Mapping[str, Instrument]) -> Mapping[str, Item]:
    """The questions that a condition of this instrument may name aloud: those released exactly as they are answered.

    A condition on one that is banded would tell more than its bands, and on one that is dropped, that it was asked.
    """
    others = {f"{name}.{item.name}": item for name, one in known.items() for item in one.items.values()}
    own = dict(instrument.items)
    return {name: item for name, item in {**others, **own}.items() if item.release.treatment == "keep"}


def _explained(item: Item, kept: Mapping[str, Item]) -> dict[str, Any]:
    """When the question is asked and how the number is worked out, as far as that names only what is kept."""
    view: dict[str, Any] = {}
    if item.when is not None and item.when.names <= kept.keys():
        view["asked_when"] = str(in_words(item.when, kept))
    if item.formula is not None and item.formula.names <= kept.keys():
        view["formula"] = str(in_words(item.formula, kept))
    if item.score:
        score = SCORES[item.score]
        view |= {"score": score.title, "source": score.source, "incomplete": score.missing}
        if item.release.treatment == "keep":
            view["cutoffs"] = [[least, label] for least, label in score.cutoffs]
    return view


def spread_columns(name: str, codes: Iterable[str]) -> Mapping[str, str]:
    """The columns into which a set of codes is spread, each with its code: `name__code` in small letters, digits and _.

    Codes that would look alike are numbered in their order.
    """
    columns: dict[str, str] = {}
    for code in codes:
        plain = _NOT_IN_A_NAME.sub("_", code.lower()).strip("_") or "code"
        wanted, number = f"{name}__{plain}", 1
        while wanted in columns or wanted == reason_column(name):
            number += 1
            wanted = f"{name}__{plain}_{number}"
        columns[wanted] = code
    return columns


def reason_column(name: str) -> str:
    """The column that says why there is no answer."""
    return f"{name}__{REASON}"


def released_columns(item: Item, *, name: str | None = None) -> dict[str, dict[str, Any]]:
    """The released columns of a question, each with what explains it: kind, column type, texts, limits, labels.

    Empty if it is dropped. `name` is what it is called in research, if that is not its own name. `choices` maps codes
    to labels, in order; of a banded item codes and labels are the same and `bins` lists the edges.
    """
    name, treatment = name or item.name, TREATMENTS[item.release.treatment]
    kind = treatment.kind(item)
    if kind is None:
        return {}
    shared = {
        "item": name,
        "treatment": treatment.name,
        "treated": treatment.describe(item),
        "quasi_identifier": item.quasi_identifier,
    }
    own = {"kind": kind, "column": treatment.column(item)}
    if kind == SET:
        labels = treatment.choices(item)
        columns = {
            column: shared
            | own
            | {"ask": _asked_of(item.ask, labels[code]), "kind": "yes_no"}
            | _part(item, labels, code)
            for column, code in spread_columns(name, labels).items()
        }
    else:
        columns = {name: shared | own | {"ask": item.ask} | _limits(item) | _labels(item)}
    return columns | _reasons(item, name, shared)


def _part(item: Item, labels: Mapping[str, str], code: str) -> dict[str, Any]:
    """What one column of a set stands for."""
    return {"question": item.ask, "code": code, "label": labels[code]}


def _asked_of(ask: str, label: str) -> str:
    return f"{ask} {label}" if ask[-1:] in ".?!" else f"{ask}: {label}"


def _limits(item: Item) -> dict[str, Any]:
    treatment = TREATMENTS[item.release.treatment]
    view: dict[str, Any] = {"unit": unit} if (unit := treatment.unit(item)) else {}
    if (limits := treatment.limits(item)) is not None:
        view |= {"minimum": limits[0], "maximum": limits[1]}
    return view


def _labels(item: Item) -> dict[str, Any]:
    """What codes, ends of a scale and cut-offs mean."""
    view: dict[str, Any] = {}
    if choices := TREATMENTS[item.release.treatment].choices(item):
        view["choices"] = dict(choices)
    if "edges" in item.release.parameters:
        view["bins"] = list(item.release.parameters["edges"])
    elif item.low:
        view |= {"low": item.low, "high": item.high}
    return view


def _reasons(item: Item, name: str, shared: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    if not item.missing:
        return {}
    view = {
        "ask": _asked_of(item.ask, "Why there is no answer"),
        "kind": "choice",
        "column": "string",
        "treatment": "keep",
        "treated": TREATMENTS["keep"].describe(item),
        "choices": dict(item.missing),
    }
    return {reason_column(name): {**shared, **view}}
