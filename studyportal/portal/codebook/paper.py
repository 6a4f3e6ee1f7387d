"""Set a study's codebook as a paper: to file with the ethics board, or to read away from a screen."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from studyportal.paper import Facts, Grid, Heading, Paper, Part, Prose, printed
from studyportal.protocol import Protocol
from studyportal.protocol.codebook import Codebook, Entry, Rule, codebook

FOR = (
    "This codebook is for the people who write and run the study. It names every question, also those whose answers are never"
    " released. Researchers read the codebook of their snapshot instead."
)
HEAD = ("Question", "Answers", "Release")
MANY = 6


def codebook_paper(protocol: Protocol, *, now: datetime) -> bytes:
    """The codebook as PDF. Nobody signs it: it is made from the study document, which everybody who runs the study
    has."""
    book = codebook(protocol)
    about = Paper(
        title="What is asked, and what becomes of each answer",
        kind=f"Codebook, version {book.version}",
        study=book.code,
        study_title=book.title,
        made_at=now,
        as_of=None,
        address="",
        synthetic=False,
        language=protocol.language,
    )
    return printed(about, _parts(book))


def _parts(book: Codebook) -> Iterator[Part]:
    yield Prose(FOR)
    yield Facts(
        (
            ("Items", str(book.counts["asked"])),
            ("Released in some form", str(book.counts["released"])),
            ("Can single people out in combination", str(book.counts["quasi"])),
        )
    )
    for part in book.parts:
        yield Heading(part.title)
        yield Prose("\n".join(filter(None, (f"{part.schedule} {part.by}.", part.hint))))
        yield Grid(f"What “{part.title}” asks ({part.name})", HEAD, tuple(map(_row, part.entries)))
    yield from _rules("Who cannot take part", book.ineligibility)
    yield from _rules("Alerts", book.alerts)


def _row(entry: Entry) -> tuple[str, ...]:
    asked = "\n".join(filter(None, (f"{entry.name}: {entry.ask}", entry.hint, *entry.facts)))
    if entry.between:
        return asked, f"{entry.answers}. Nothing is answered here.", ""
    return asked, _answers(entry), _release(entry)


def _answers(entry: Entry) -> str:
    lines = [_sentence(entry.kind if entry.codes else entry.answers), *_codes(entry.codes)]
    for one in entry.within:
        lines += [f"– {one.ask} ({one.name}): {_sentence(one.kind if one.codes else one.answers)}", *_codes(one.codes)]
    return "\n".join([*lines, *(["Instead of an answer:", *_codes(entry.reasons)] if entry.reasons else [])])


def _codes(pairs: Sequence[tuple[str, str]]) -> list[str]:
    return [f"{code}: {words}" for code, words in pairs]


def _release(entry: Entry) -> str:
    if not entry.columns:
        return "Not released."
    named = ", ".join(entry.columns)
    if len(entry.columns) > MANY:
        named = f"{entry.columns[0]} to {entry.columns[-1]}, {len(entry.columns)} columns"
    combined = ["Can single people out in combination."] if entry.quasi_identifier else []
    return "\n".join([entry.release, *combined, f"In research: {named}"])


def _rules(title: str, rules: Sequence[Rule]) -> Iterator[Part]:
    if not rules:
        return
    yield Heading(title)
    for rule in rules:
        yield Heading(f"{rule.title} ({rule.name})", 2)
        yield Facts((("If", f"{rule.when}."), ("Written", rule.written), *rule.says))


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
