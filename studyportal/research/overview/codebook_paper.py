"""Set the codebook of a snapshot as a paper: what a researcher attaches to a plan, or sends to a reviewer.

It says what there is and how each answer was treated; no number about anybody is in it but the protected count of
people.
"""

from collections.abc import Iterator
from datetime import datetime

from studyportal.paper import Facts, Grid, Heading, Paper, Part, Prose, printed
from studyportal.research.snapshot.codebook import ReleasedItem
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.web.words import day

IN_COMBINATION = "In combination"
COMBINED = f"{IN_COMBINATION}: the answers can single people out together with others; a release limits them."
LIMITS = (
    "What is not listed here is not in the approval of this project, or was never released. A name is how the item is called"
    " in criteria and in the files of a release."
)


def codebook_paper(
    snapshot: OpenedSnapshot, *, project: str, address: str, synthetic: bool, size: str, language: str, now: datetime
) -> bytes:
    """The codebook as PDF, with the questions that the snapshot was limited to."""
    book = snapshot.codebook
    about = Paper(
        title=f"What snapshot {snapshot.number} holds",
        kind="Codebook",
        study=book.code,
        study_title=book.title,
        made_at=now,
        as_of=snapshot.published_at,
        address=address,
        synthetic=synthetic,
        size="Letter" if size == "Letter" else "A4",
        language=language,
        protection=f"Groups of fewer than {book.protection.threshold} people are never shown.",
    )
    return printed(about, _parts(snapshot, project))


def _parts(snapshot: OpenedSnapshot, project: str) -> Iterator[Part]:
    book = snapshot.codebook
    people = snapshot.engine.count(snapshot.everybody)
    yield Prose(LIMITS)
    yield Facts(
        (
            ("Project", project),
            ("Snapshot", f"{snapshot.number}, published on {day(snapshot.published_at)}"),
            ("Protocol version", book.version),
            ("People who share", people.text),
            ("Items", str(len(book.items))),
            ("Protection", snapshot.engine.method),
        )
    )
    for instrument in book.instruments:
        yield Heading(instrument.title)
        yield Prose(instrument.schedule)
        rows = tuple((item.name, item.ask, _answers(item), _treated(item)) for item in instrument.items)
        note = COMBINED if any(item.quasi_identifier for item in instrument.items) else ""
        yield Grid(f"What “{instrument.title}” asks", ("Name", "Question", "Answers", "Treatment"), rows, note=note)


def _answers(item: ReleasedItem) -> str:
    coded = "\n".join(f"{code}: {label}" if code != label else label for code, label in item.choices.items())
    return "\n".join([coded or item.scale or "study day", *item.notes])


def _treated(item: ReleasedItem) -> str:
    words = f"{item.treated[:1].upper()}{item.treated[1:]}"
    return f"{words}\n{IN_COMBINATION}" if item.quasi_identifier else words
