"""Read a study document from its file. Refused: what is not UTF-8, and everything that `read_protocol` refuses."""

from pathlib import Path

from studyportal.protocol.document import Protocol
from studyportal.protocol.mistakes import Mistake, ProtocolMistakes
from studyportal.protocol.reading.document import read_protocol
from studyportal.protocol.reading.tree import SIZE

SHIPPED = Path(__file__).parents[1] / "shipped" / "mcp-1.yaml"


def load_protocol(path: str | Path, *, language: str | None = None) -> Protocol:
    """The study described by a file (UTF-8), its texts in `language` (None: its first).

    Raises `ProtocolMistakes`, or OSError if the file cannot be read.
    """
    path = Path(path)
    with path.open("rb") as file:
        raw = file.read(4 * SIZE + 1)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        if len(raw) > 4 * SIZE:
            text = "x" * (SIZE + 1)  # cut within a letter: too large, not badly encoded
        else:
            line = raw.count(b"\n", 0, problem.start) + 1
            raise ProtocolMistakes(
                path.name, [Mistake(line, "", "This is not UTF-8. Save the file as UTF-8.")]
            ) from None
    return read_protocol(text, name=path.name, language=language)
