"""Turn the text of a study document into a `Protocol`, or say every mistake in it at once.

Each part of the document is one table of names and readers. Refused: whatever `tree` cannot read, unknown names,
missing names that have no harmless default, and everything that contradicts its kind, treatment or schedule.
"""

from hashlib import sha256
from typing import Any

from studyportal.protocol.reading import fields
from studyportal.protocol.answers import NAME
from studyportal.protocol.document import (
    ConsentForm,
    Disclosure,
    Instrument,
    Notices,
    Protocol,
    Scope,
    Section,
    Study,
)
from studyportal.protocol.reading.fields import WRONG, Field, Place
from studyportal.protocol.reading.items import NAME_RULE, read_items
from studyportal.protocol.items import Item
from studyportal.protocol.mistakes import Mistake, ProtocolMistakes
from studyportal.protocol.reading.schedules import read_schedule
from studyportal.protocol.reading.tree import Node, read_tree

# Every on-demand entry is padded to 4,096 bytes, so that its size says nothing. What is not answers (times, zone,
# names, the blind) takes less than 600 of them.
ON_DEMAND_ROOM = 3_400

WITHDRAWAL = ("stop", "remove", "erase")
VERSION = fields.matching(r"[0-9A-Za-z][0-9A-Za-z._-]{0,19}", 'Write a version such as "1.2".')

STUDY = {
    "code": Field(
        fields.matching(r"[A-Za-z0-9][A-Za-z0-9-]{0,19}", "A code holds letters, digits and - only (at most 20)."),
        "Give the study a short code, such as code: MCP-1.",
    ),
    "title": Field(fields.line(200), "Give the study a title."),
    "version": Field(VERSION, 'Give the version of this document, such as version: "1.0".'),
}
NOTICES = {name: Field(fields.text(1000)) for name in ("contact", "emergency", "monitoring")}
# 11 is the smallest cell that CMS, TriNetX and PCORnet show; rounding to 5 is OpenSAFELY's rule. A document may be
# stricter, not looser.
DISCLOSURE = {
    "threshold": Field(fields.whole(11, 1000), "Give the smallest group that may be shown, such as threshold: 11."),
    "rounding": Field(fields.whole(5, 100), "Give the number to which counts are rounded, such as rounding: 5."),
}
SECTION = {
    "heading": Field(fields.line(200), "Give this section a heading."),
    "body": Field(fields.text(5000), "Write the text of this section."),
}
SCOPE = {
    "ask": Field(fields.line(500), "Write what the person agrees to, as a sentence beginning with I."),
    "required": Field(fields.flag),
    "shares": Field(fields.flag),
}

SCOPES_NEED = {
    "required": "One scope must be the study itself: give it required: true.",
    "shares": "One scope must have shares: true; otherwise nothing could ever reach a researcher.",
}


def _read_section(node: Node, place: Place) -> Any:
    values = fields.record(node, place, SECTION)
    return Section(**values)


def _read_scope(node: Node, place: Place) -> Any:
    return Scope(name=place.path.rpartition(".")[2], **fields.record(node, place, SCOPE))


def _read_scopes(node: Node, place: Place) -> Any:
    read = fields.by_name(_read_scope, NAME, NAME_RULE, what="scopes", least=1, most=20)
    scopes = read(node, place)
    for setting, sentence in SCOPES_NEED.items():
        given = [getattr(scope, setting) for scope in scopes.values()] if scopes else [WRONG]
        if not any(value is WRONG or value for value in given):
            place.refuse(sentence)
    return scopes


def _read_withdrawal(node: Node, place: Place) -> Any:
    strengths = fields.listing(fields.one_of(WITHDRAWAL), what="strengths of withdrawal", least=1, most=3)(node, place)
    if strengths and len(set(strengths)) < len(strengths):
        return place.refuse("Write each strength of withdrawal once.")
    if strengths and "stop" not in strengths:
        return place.refuse("Everybody may always stop: add stop.")
    return strengths


CONSENT = {
    "version": Field(VERSION, 'Give the version of the consent form, such as version: "1".'),
    "title": Field(fields.line(200), "Give the consent form a title."),
    "sections": Field(
        fields.listing(_read_section, what="sections", least=1, most=40), "Write the sections of the consent form."
    ),
    "scopes": Field(_read_scopes, "Say what a person agrees to: the scopes, at least the study itself."),
    "withdrawal": Field(_read_withdrawal, "Say how a person may leave, such as withdrawal: [stop, remove, erase]."),
}
INSTRUMENT = {
    "title": Field(fields.line(200), "Give this instrument a title."),
    "hint": Field(fields.text(1000)),
    "schedule": Field(read_schedule, "Say when this instrument is due (schedule)."),
    "items": Field(read_items, "Write the questions of this instrument (items)."),
}


def _read_instrument(node: Node, place: Place) -> Any:
    values = fields.record(node, place, INSTRUMENT)
    if any(value is WRONG for value in values.values()) or not all(values["items"].values()):
        return WRONG
    instrument = Instrument(name=place.path.rpartition(".")[2], **values)
    if instrument.on_demand and (need := sum(map(_greatest_size, instrument.items.values()))) > ON_DEMAND_ROOM:
        return place.refuse(
            f"The answers can take {need} bytes, but an entry on demand has room for {ON_DEMAND_ROOM}. "
            "Lower max_length (each character counts 4), or ask less."
        )
    return instrument


def _greatest_size(item: Item) -> int:
    """The most bytes that an answer can take as JSON, with its name."""
    code = max((len(code) for code in item.choices), default=24)  # 24: the longest number, date or time
    return len(item.name) + 6 + (4 * item.max_length if item.max_length else code)


def _part(table: dict[str, Field], make: type) -> fields.Reader:
    return lambda node, place: make(**fields.record(node, place, table))


PROTOCOL = {
    "study": Field(_part(STUDY, Study), "Say which study this is: study, with code, title and version."),
    "notices": Field(_part(NOTICES, Notices)),
    "disclosure": Field(
        _part(DISCLOSURE, Disclosure), "Say how small groups are protected: disclosure, with threshold and rounding."
    ),
    "consent": Field(_part(CONSENT, ConsentForm), "Write the consent form: consent."),
    "instruments": Field(
        fields.by_name(_read_instrument, NAME, NAME_RULE, what="instruments", least=1, most=50),
        "Say what is asked: instruments.",
    ),
}


def read_protocol(text: str, *, name: str) -> Protocol:
    """The study that a document describes; `name` is what mistakes call the document (a file name, say).

    Raises `ProtocolMistakes` with every mistake, each with its line.
    """
    mistakes: list[Mistake] = []
    tree = read_tree(text, mistakes)
    values = fields.record(tree, Place(1, "", mistakes), PROTOCOL) if tree is not None else {}
    if mistakes:
        raise ProtocolMistakes(name, mistakes)
    values.setdefault("notices", Notices())
    return Protocol(**values, source=text, digest=sha256(text.encode()).hexdigest())
