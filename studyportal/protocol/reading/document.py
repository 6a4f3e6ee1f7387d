"""Turn the text of a study document into a `Protocol`, or say every mistake in it at once.

Each part of the document is one table of names and readers; what only the whole shows is in `checks`. Refused:
whatever `tree` cannot read, unknown names, missing names that have no harmless default, and everything that
contradicts its kind, its treatment, its schedule or another part.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from studyportal.protocol.document import Alert, Disclosure, Ineligibility, Instrument, Notices, Protocol, Study
from studyportal.protocol.mistakes import Mistake, ProtocolMistakes
from studyportal.protocol.reading.checks import CHECKS
from studyportal.protocol.reading.checks.draft import Draft
from studyportal.protocol.reading.consent import CONSENT_FORM, SECTIONS, VERSION
from studyportal.protocol.reading.fields import ByName, Field, ListOf, Reader, Record, Schema, Then
from studyportal.protocol.reading.items import ITEMS
from studyportal.protocol.reading.places import Findings, Place, beginning, is_wrong
from studyportal.protocol.reading.questions import NAMES
from studyportal.protocol.reading.safety import ALERTS, CONTACTS, ELIGIBILITY, STAFFED
from studyportal.protocol.reading.schedules import SCHEDULE
from studyportal.protocol.reading.texts import LANGUAGE, Words
from studyportal.protocol.reading.tree import Node, read_tree
from studyportal.protocol.reading.values import Whole, Word, one_of


@dataclass(frozen=True, slots=True)
class Languages(Reader):
    """The languages of the texts, the fallback first. All texts after it are held against them."""

    def read(self, node: Node, place: Place) -> Any:
        found = _LANGUAGES.read(node, place)
        if not is_wrong(found) and len(set(found)) < len(found):
            found = place.refuse("Write each language once.")
        place.findings.languages = () if is_wrong(found) else found
        return found

    def schema(self, shared: dict[str, Schema]) -> Schema:
        return _LANGUAGES.schema(shared)


_LANGUAGES = ListOf(
    reader=Word(LANGUAGE, "Write the code of a language, such as en or de."), what="languages", least=1, most=20
)

STUDY = {
    "code": Field(
        Word(r"[A-Za-z0-9][A-Za-z0-9-]{0,19}", "A code holds letters, digits and - only (at most 20)."),
        "The short code of the study.",
        "Give the study a short code, such as code: MCP-1.",
    ),
    "title": Field(Words(200), "The title of the study.", "Give the study a title."),
    "version": Field(
        VERSION, "The version of this document.", 'Give the version of this document, such as version: "1.0".'
    ),
}
NOTICES = {
    "contact": Field(Words(1000, paragraphs=True), "Whom to ask about the study."),
    "emergency": Field(Words(1000, paragraphs=True), "Whom to call in danger."),
    "monitoring": Field(Words(1000, paragraphs=True), "Who reads entries, and when."),
    "privacy": Field(
        SECTIONS, "The privacy notice, in sections: who answers for the data, why, for how long, what rights."
    ),
    "help": Field(SECTIONS, "Help for participants, in sections: what people ask about taking part."),
}
# What withstands somebody who compares many tables (docs/decisions/0013); 11 is the smallest class of records that CMS,
# TriNetX and PCORnet let out. A document may be stricter, not looser.
DISCLOSURE = {
    "threshold": Field(
        Whole(10, 1000),
        "Groups of fewer people are never shown; the threshold itself is drawn between this and 32 more.",
        "Give the smallest group that may be shown, such as threshold: 10.",
    ),
    "rounding": Field(
        Whole(5, 100),
        "Counts are rounded to a multiple of this.",
        "Give the number to which counts are rounded, such as rounding: 5.",
    ),
    "noise": Field(Whole(7, 50), "By how much counts are blurred (standard deviation); 7 if not said."),
    "ledger": Field(
        Whole(1, 50), "How much one project may open of the same people, as the ledger counts it; 50 if not said."
    ),
    "ledger_of_all": Field(Whole(1, 150), "The same for all projects in twelve months; 150 if not said."),
    "release": Field(Whole(11, 1000), "How many people look alike in a data set that leaves; 11 if not said."),
}
INSTRUMENT = {
    "title": Field(Words(200), "The title of this instrument.", "Give this instrument a title."),
    "hint": Field(Words(1000, paragraphs=True), "Words above its questions."),
    "by": Field(one_of(["participant", "clinician"]), "Who fills it in; the participant if not said."),
    "schedule": Field(SCHEDULE, "When it is due.", "Say when this instrument is due (schedule)."),
    "items": Field(
        ITEMS, "Its questions, in the order in which they are asked.", "Write the questions of this instrument (items)."
    ),
}
PROTOCOL = {
    "languages": Field(
        Languages(), "The languages of the texts, the one that stands in for others first; en if not said."
    ),
    "study": Field(
        Then(Record(STUDY), lambda values, place: Study(**values)),
        "Which study this is.",
        "Say which study this is: study, with code, title and version.",
    ),
    "notices": Field(Then(Record(NOTICES), lambda values, place: Notices(**values)), "Lines that pages show."),
    "disclosure": Field(
        Then(Record(DISCLOSURE), lambda values, place: Disclosure(**values)),
        "How small groups are protected.",
        "Say how small groups are protected: disclosure, with threshold and rounding.",
    ),
    "monitoring": Field(STAFFED, "When somebody reads alerts; nobody if not said."),
    "contacts": Field(CONTACTS, "Whom to call in a crisis, by country and elsewhere."),
    "consent": Field(CONSENT_FORM, "What a person agrees to.", "Write the consent form: consent."),
    "eligibility": Field(ELIGIBILITY, "Who cannot take part, by their answers to the screening."),
    "alerts": Field(ALERTS, "Which answers need a clinician."),
    "instruments": Field(
        ByName(reader=Record(INSTRUMENT), names=NAMES, what="instruments", least=1, most=50),
        "What is asked, and when.",
        "Say what is asked: instruments.",
    ),
}
WHOLE = Record(PROTOCOL)


def read_protocol(text: str, *, name: str, language: str | None = None) -> Protocol:
    """The study that a document describes; `name` is what mistakes call the document (a file name, say).

    Its texts are those in `language`, or in its first language where they are not there in this one. Raises
    `ProtocolMistakes` with every mistake, each with its line.
    """
    found = _read(text, language)
    if not isinstance(found, Protocol):
        raise ProtocolMistakes(name, found)
    return found


# A study is a value, and reading one takes long: the same text is the same study.
@lru_cache(maxsize=16)
def _read(text: str, language: str | None) -> Protocol | tuple[Mistake, ...]:
    """The study, or every mistake."""
    findings = Findings(language=language)
    tree = read_tree(text, findings.mistakes)
    values = {} if tree is None else WHOLE.read(tree, beginning(findings))
    draft = Draft(findings, values)
    for check in CHECKS:
        check(draft)
    if findings.mistakes:
        return tuple(findings.mistakes)
    languages = findings.languages
    return Protocol(
        **_made(values),
        source=text,
        digest=sha256(text.encode()).hexdigest(),
        language=language if language in languages else languages[0],
        warnings=tuple(sorted(set(findings.warnings))),
    )


def _made(values: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a document without a mistake, as the values that the study is made of."""
    made = {name: value for name, value in values.items() if name != "eligibility"}
    made.setdefault("notices", Notices())
    made["instruments"] = MappingProxyType(
        {name: Instrument(name=name, **parts) for name, parts in values["instruments"].items()}
    )
    made["alerts"] = MappingProxyType(
        {name: Alert(name=name, **_renamed(parts)) for name, parts in values.get("alerts", {}).items()}
    )
    made["ineligibility"] = tuple(
        Ineligibility(name=name, **parts) for name, parts in values.get("eligibility", {}).items()
    )
    return made


def _renamed(alert: Mapping[str, Any]) -> dict[str, Any]:
    return {"instrument" if name == "on" else name: value for name, value in alert.items()}
