"""What a paper consists of. Frozen values; every text is plain, and whatever in it looks like markup is printed as it
is."""

from dataclasses import dataclass

from studyportal.charts import Chart


@dataclass(frozen=True, slots=True)
class Heading:
    """A title over what follows; it is a bookmark too. `level` is 1 or 2."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph; a line break in it stays one."""

    text: str


@dataclass(frozen=True, slots=True)
class Points:
    """A list, one point a line."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known, each with its name before it."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. `caption` is a sentence; the columns of which `numbers` holds the place (from 0) are aligned on the
    point.

    `groups` are the places of rows that are titles of those after them: set bold, over the whole width, never last on a
    page.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()
    note: str = ""
    groups: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart with its title above and its note below; `wide` takes the whole width of the text."""

    chart: Chart
    wide: bool = True


@dataclass(frozen=True, slots=True)
class Multiples:
    """Small pictures side by side."""

    charts: tuple[Chart, ...]
    columns: int = 2


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign on: for each who signs, and their name in print, "" if it is to be written."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ToWrite:
    """A line on which something can be written by hand, with words before it."""

    text: str


@dataclass(frozen=True, slots=True)
class NewPage:
    """What follows begins a page."""


Part = Heading | Prose | Points | Facts | Grid | Picture | Multiples | Signatures | ToWrite | NewPage
