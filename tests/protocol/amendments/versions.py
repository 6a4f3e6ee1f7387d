"""Versions of a small study for tests of amendments, made of items by hand."""

from dataclasses import replace
from types import MappingProxyType

from studyportal.protocol import Item, Release, Study
from studyportal.protocol.expressions import parse_expression
from studyportal.protocol.versions import with_earlier
from tests.protocol.documents import study

PLAIN = study()
EVENING = PLAIN.instruments["evening"]

# What an item of each kind needs beside its name.
SETTINGS = {
    "rating": {"low": "No pain", "high": "Worst", "minimum": 0, "maximum": 10},
    "integer": {"minimum": 0, "maximum": 10, "unit": "hours"},
    "decimal": {"minimum": 0, "maximum": 10, "unit": "hours"},
    "choice": {"choices": MappingProxyType({"a": "Apple", "b": "Pear"})},
    "choices": {"choices": MappingProxyType({"a": "Apple", "b": "Pear"})},
    "yes_no": {},
    "notes": {"max_length": 80},
    "heading": {},
}


def item(name, kind="rating", *, release="keep", formula="", **other):
    """An item of a kind; `other` are its attributes."""
    if formula:
        kind, other["formula"] = "computed", parse_expression(formula)
    maps = {key: MappingProxyType(value) for key, value in other.items() if isinstance(value, dict)}
    settings = SETTINGS.get(kind, {}) | other | maps
    return Item(name=name, ask=settings.pop("ask", "How?"), kind=kind, release=Release(release), **settings)


def version(number, *items, former=(), **other):
    """The study in one version, with these items in its one instrument, after its former versions."""
    evening = replace(EVENING, items=MappingProxyType({one.name: one for one in items}), **other)
    plain = replace(
        PLAIN,
        study=Study(code="NS-1", title="North study", version=number),
        instruments=MappingProxyType({"evening": evening}),
        digest=f"{number} {items!r} {other!r}",
    )
    return with_earlier(plain, former)


def chain(*documents):
    """Versions 1.0, 1.1, ... with these items; the last one knows the others."""
    former = [version(f"1.{number}", *items) for number, items in enumerate(documents)]
    return with_earlier(former[-1], former[:-1])
