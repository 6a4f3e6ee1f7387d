"""Lay out a whole study as rows of a codebook: what is asked of whom, when, within which limits, and what becomes of
it.

This is the identified side: every item is in it, also what is never released. For the people who write and run the
study; researchers have the codebook of their snapshot. Values only; `portal.codebook` makes a page of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from studyportal.protocol.amendments import Line, lineage
from studyportal.protocol.document import Instrument, Protocol
from studyportal.protocol.items import Item
from studyportal.protocol.kinds import KINDS, NONE
from studyportal.protocol.released import released_columns
from studyportal.protocol.schedules import FORMS
from studyportal.protocol.scores import SCORES
from studyportal.protocol.treatments import TREATMENTS
from studyportal.protocol.wording import in_words

# Others' names for the type of a variable: words, and where a row of KINDS says it.
FORMATS = (
    ("SPSS", "spss"), ("Stata", "stata"), ("Dataset-JSON", "dataset_json"), ("FHIR", "fhir"), ("REDCap", "redcap"),
)  # fmt: skip
BY = {"participant": "Filled in by the participant", "clinician": "Filled in by a clinician"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item of the study, in words.

    `codes` and `reasons` are pairs of code and text; `facts` are sentences; `formats` pairs of a format and its type;
    `columns` the names it has in research. `within` are the questions of a group.
    """

    name: str
    ask: str
    hint: str
    kind: str
    answers: str
    codes: tuple[tuple[str, str], ...]
    reasons: tuple[tuple[str, str], ...]
    facts: tuple[str, ...]
    release: str
    columns: tuple[str, ...]
    quasi_identifier: bool
    between: bool
    formats: tuple[tuple[str, str], ...]
    within: tuple["Entry", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One instrument with its items."""

    name: str
    title: str
    hint: str
    by: str
    schedule: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Something that an answer sets off, in words: an alert, or a reason why somebody cannot take part."""

    name: str
    title: str
    when: str
    written: str
    says: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Codebook:
    """A study, for reading."""

    code: str
    title: str
    version: str
    parts: tuple[Part, ...]
    alerts: tuple[Rule, ...]
    ineligibility: tuple[Rule, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many items there are, and how many of them are released or single people out in combination."""
        items = [entry for part in self.parts for entry in part.entries if not entry.between]
        return {
            "asked": len(items),
            "released": sum(bool(entry.columns) for entry in items),
            "quasi": sum(entry.quasi_identifier for entry in items),
        }


def codebook(protocol: Protocol) -> Codebook:
    """The codebook of a study."""
    lines = lineage(protocol)
    return Codebook(
        code=protocol.study.code,
        title=protocol.study.title,
        version=protocol.study.version,
        parts=tuple(_part(one, protocol, {line.item.name: line for line in reversed(lines[one.name])})
                    for one in protocol.instruments.values()),
        alerts=tuple(_alerts(protocol)),
        ineligibility=tuple(who_cannot_take_part(protocol)),
    )  # fmt: skip


def _part(instrument: Instrument, protocol: Protocol, lines: Mapping[str, Line]) -> Part:
    after = protocol.instruments.get(instrument.schedule.after)
    schedule = FORMS[instrument.schedule.form].describe(instrument.schedule)
    known = known_to(instrument, protocol)
    return Part(
        name=instrument.name,
        title=instrument.title,
        hint=instrument.hint,
        by=BY[instrument.by],
        schedule=schedule.replace(f"each entry of {after.name}", f"each entry of {after.title}") if after else schedule,
        entries=tuple(_entry(item, known, lines.get(item.name)) for item in instrument.items.values()),
    )


def known_to(instrument: Instrument, protocol: Protocol) -> Mapping[str, Item]:
    """The questions that an expression of an instrument can name: its own, and those of others with their
    instrument."""
    others = {f"{one.name}.{item.name}": item for one in protocol.instruments.values() for item in one.items.values()}
    return {**others, **instrument.items}


def _entry(item: Item, known: Mapping[str, Item], line: Line | None) -> Entry:
    kind, treatment = KINDS[item.kind], TREATMENTS[item.release.treatment]
    between = kind.type == "nothing"
    name = line.column if line else item.name
    return Entry(
        name=item.name,
        ask=item.ask,
        hint=item.hint,
        kind=kind.words,
        answers=kind.describe(item),
        codes=_codes(item),
        reasons=tuple(item.missing.items()),
        facts=_facts(item, known) + (line.history if line else ()),
        release="" if between else _sentence(treatment.describe(item)),
        columns=tuple(released_columns(line.item if line else item, name=name)),
        quasi_identifier=item.quasi_identifier,
        between=between,
        formats=_formats(item),
        within=tuple(_entry(one, item.items, None) for one in item.items.values()),
    )


def _codes(item: Item) -> tuple[tuple[str, str], ...]:
    none = item.none or ("Nowhere" if item.kind == "body_map" else "")
    return (*item.choices.items(), *([(NONE, none)] if none else []))


def _formats(item: Item) -> tuple[tuple[str, str], ...]:
    kind = KINDS[item.kind]
    each = ", one per code" if kind.type == "codes" else ""
    found = [(words, getattr(kind, field)) for words, field in FORMATS]
    return tuple((words, f"{what}{each if words in EACH else ''}") for words, what in found if what)


# The formats that keep a set of codes as one variable per code.
EACH = frozenset({"SPSS", "Stata", "Dataset-JSON"})


def _facts(item: Item, known: Mapping[str, Item]) -> tuple[str, ...]:
    facts = []
    if item.required:
        facts.append("An entry is not taken without it.")
    if item.when is not None:
        facts.append(f"Asked if {in_words(item.when, known)} ({item.when}).")
    if item.formula is not None:
        facts.append(f"Worked out as {in_words(item.formula, known)} ({item.formula}).")
    if item.score:
        score = SCORES[item.score]
        facts += [f"{score.title}.", score.missing, f"Source: {score.source}."]
        if score.cutoffs:
            words = "; ".join(f"from {cutoff.least} {cutoff.label}" for cutoff in score.cutoffs)
            facts.append(f"Published words: {words}.")
    if item.was:
        facts.append(f"Called {item.was} in the version before.")
    return tuple(facts)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _alerts(protocol: Protocol) -> list[Rule]:
    rules = []
    for alert in protocol.alerts.values():
        instrument = protocol.instruments[alert.instrument]
        says = (
            ("Level", alert.level),
            ("In", instrument.title),
            ("Read by", "custody, because it needs former entries" if alert.reads_former else "intake, at once"),
            ("Told to the participant", alert.say),
            ("To be done", alert.act),
        )
        when = in_words(alert.when, known_to(instrument, protocol))
        shown = tuple(pair for pair in says if pair[1])
        rules.append(Rule(name=alert.name, title=alert.title, when=when, written=str(alert.when), says=shown))
    return rules


def who_cannot_take_part(protocol: Protocol) -> list[Rule]:
    """The conditions under which the first questions turn somebody away, in the document's order."""
    screening = protocol.screening
    known = known_to(screening, protocol) if screening else {}
    return [
        Rule(
            name=one.name, title=one.say, when=in_words(one.when, known), written=str(one.when), says=(),
        )
        for one in protocol.ineligibility
    ]  # fmt: skip
