"""Set the consent register as a paper: versions, scopes and withdrawals by study week, in protected numbers."""

from datetime import datetime
from itertools import groupby

from studyportal.paper import Facts, Grid, Paper, Prose, printed
from studyportal.research.disclosure import ProtectedTable
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.web.words import day
from studyportal.workbench.grants import GrantDocument

# Spaces that do not break stay at the beginning of a cell.
INDENT = "\u00a0\u00a0\u00a0"
ABOUT = (
    "Whoever takes part signs a version of the consent form and says yes or no to each scope; each scope can be withdrawn alone, "
    "in three strengths. Somebody who agreed and later withdrew is counted in both lines."
)


def register(
    table: ProtectedTable,
    snapshot: OpenedSnapshot,
    *,
    project: GrantDocument,
    address: str,
    synthetic: bool,
    size: str,
    language: str,
    now: datetime,
) -> bytes:
    """The register as PDF; `table` is the page's."""
    book = snapshot.codebook
    about = Paper(
        title="Consent and withdrawal",
        kind="Consent register",
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
    rows: list[tuple[str, ...]] = []
    groups: list[int] = []
    for group, many in groupby(table.rows, lambda row: row.cells[0].text):
        if group:
            groups.append(len(rows))
            rows.append((group, *("" for _ in table.head[2:])))
        rows += [((INDENT if group else "") + row.label, *(cell.text for cell in row.cells[1:])) for row in many]
    facts = (
        ("Project", f"{project.project}, {project.title}"),
        ("Snapshot", f"{snapshot.number}, published on {day(snapshot.published_at)}"),
    )
    head = (table.head[0], *table.head[2:])
    grid = Grid(table.caption, head, tuple(rows), numbers=frozenset(range(1, len(head))), groups=frozenset(groups))
    return printed(about, [Prose(ABOUT), Facts(facts), grid, Prose(table.method)])
