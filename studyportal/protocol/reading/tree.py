"""Read YAML into a small tree in which every value is the text that was typed, with its line.

Nothing is interpreted: `yes`, `012`, `1.10` and `17:00` stay as written, so no version of YAML can change a study.
Refused: names used twice, anchors and aliases, tags, directives, several documents, nesting deeper than `DEPTH`,
and texts longer than `SIZE`. The parser is driven event by event, so a hostile file costs bounded time and memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ruamel.yaml import YAML, events
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from studyportal.protocol.mistakes import Mistake

SIZE = 512 * 1024  # characters; about two seconds of reading
DEPTH = 12  # a protocol needs 8: instruments, name, items, name, release, band, list, number


@dataclass(frozen=True, slots=True)
class Text:
    """One scalar, as typed. `empty` if nothing, `null` or `~` was written without quotes."""

    line: int
    value: str
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A sequence of nodes."""

    line: int
    nodes: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping: name -> (line of the name, node), in the order written."""

    line: int
    rows: dict[str, tuple[int, "Node"]] = field(default_factory=dict)


Node = Text | Listing | Table


class NotYaml(Exception):
    """The text could not be read to its end."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line
        self.sentence = sentence


# What ruamel.yaml says -> what helps. The first that occurs in its message counts.
PLAIN_WORDS = {
    "found character '\\t'": "There is a tab here. Use spaces to indent.",
    "mapping values are not allowed": "A colon stands inside a text here. Put the whole text between double quotes.",
    "could not find expected ':'": "A name must be followed by a colon and a space.",
    "found unexpected end of stream": "A quotation mark or bracket opened here is never closed.",
    "expected ',' or": "A list or a group in brackets opened here is not closed, or a comma is missing.",
    "expected <block end>": "The indentation does not fit the lines above, or a text with quotes goes on after them.",
    "expected alphabetic or numeric": "A text that begins with * or & must stand between double quotes.",
    "cannot start any token": "A text that begins with this character must stand between double quotes.",
}


def read_tree(text: str, mistakes: list[Mistake]) -> Node | None:
    """Turn YAML text into a tree; what is wrong is added to `mistakes`, and None says that there is no usable tree."""
    if len(text) > SIZE:
        mistakes.append(Mistake(1, "", f"The document is too large: at most {SIZE // 1024} KiB are read."))
        return None
    try:
        return _Composer(_events(text), mistakes).document()
    except NotYaml as problem:
        mistakes.append(Mistake(problem.line, "", problem.sentence))
    except ReaderError as problem:
        line = text.count("\n", 0, problem.position) + 1
        mistakes.append(Mistake(line, "", "There is a character here that a text cannot hold. Delete it."))
    except MarkedYAMLError as problem:
        said = f"{problem.context or ''} {problem.problem or ''}"
        words = next((plain for theirs, plain in PLAIN_WORDS.items() if theirs in said), None)
        sentence = words or "This cannot be read. Check the indentation, quotation marks and colons around here."
        # What was never closed is noticed at the end of the file, but must be mended where it was opened.
        opened = problem.context_mark if "opened here" in sentence else None
        mark = opened or problem.problem_mark or problem.context_mark
        mistakes.append(Mistake(mark.line + 1 if mark else 1, "", sentence))
    except (YAMLError, ValueError, OverflowError):
        mistakes.append(Mistake(1, "", "This is not a YAML document."))
    return None


def _events(text: str) -> Iterator[events.Event]:
    return iter(YAML(typ="safe", pure=True).parse(text))


class _Composer:
    def __init__(self, stream: Iterator[events.Event], mistakes: list[Mistake]) -> None:
        self.stream = stream
        self.mistakes = mistakes

    def document(self) -> Node | None:
        root = None
        for event in self.stream:
            match event:
                case events.DocumentStartEvent() if root is not None:
                    raise NotYaml(_line(event), "A second document begins here. Remove the line of three dashes.")
                case events.DocumentStartEvent() if event.version or event.tags:
                    raise NotYaml(_line(event), "Remove the lines that begin with %.")
                case events.DocumentStartEvent():
                    root = self.node(next(self.stream), "", 1)
        if root is None:
            raise NotYaml(1, "The document is empty.")
        return root

    def node(self, event: events.Event, path: str, depth: int) -> Node:
        if depth > DEPTH:
            raise NotYaml(_line(event), f"The document is nested more than {DEPTH} levels deep.")
        if isinstance(event, events.AliasEvent) or getattr(event, "anchor", None):
            raise NotYaml(
                _line(event), "Anchors (&name) and aliases (*name) are not read. Write the text out, or quote it."
            )
        if getattr(event, "tag", None):
            raise NotYaml(_line(event), "Tags (!name) are not read. Remove it, or put the text between double quotes.")
        match event:
            case events.ScalarEvent():
                plain = event.style is None or event.style == ""
                return Text(_line(event), event.value.strip(), empty=plain and event.value in ("", "~", "null"))
            case events.SequenceStartEvent():
                return self.listing(event, path, depth)
            case _:
                return self.table(event, path, depth)

    def listing(self, start: events.Event, path: str, depth: int) -> Listing:
        listing = Listing(_line(start))
        while not isinstance(event := next(self.stream), events.SequenceEndEvent):
            listing.nodes.append(self.node(event, f"{path}[{len(listing.nodes) + 1}]", depth + 1))
        return listing

    def table(self, start: events.Event, path: str, depth: int) -> Table:
        table = Table(_line(start))
        while not isinstance(event := next(self.stream), events.MappingEndEvent):
            key = self.node(event, path, depth + 1)
            if not isinstance(key, Text):
                raise NotYaml(_line(event), "A name must be a word, not a list or a group.")
            place = f"{path}.{key.value}" if path else key.value
            value = self.node(next(self.stream), place, depth + 1)
            if key.value in table.rows:
                first = table.rows[key.value][0]
                self.mistakes.append(Mistake(key.line, place, f"This name is used twice, first on line {first}."))
            else:
                table.rows[key.value] = (key.line, value)
        return table


def _line(event: events.Event) -> int:
    return event.start_mark.line + 1
