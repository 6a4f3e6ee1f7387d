"""Read texts that people are shown: written once, or once per language.

Given is the text in the language that is asked for, else in the first language of the document. A text that is not
there in every language is a warning, one without the first language a mistake.
"""

from dataclasses import dataclass
from typing import Any

from studyportal.protocol.reading.fields import Reader, Schema
from studyportal.protocol.reading.places import WRONG, Place
from studyportal.protocol.reading.tree import Node, Table
from studyportal.protocol.reading.values import SCALARS, typed

LANGUAGE = r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?"


@dataclass(frozen=True, slots=True)
class Words(Reader):
    """A text of at most `most` characters. Line breaks count as spaces unless there may be `paragraphs`."""

    most: int
    paragraphs: bool = False

    def read(self, node: Node, place: Place) -> Any:
        languages = place.findings.languages
        if isinstance(node, Table):
            return self._by_language(node, place)
        if len(languages) > 1:
            place.warn(_lacks(languages[1:], languages[0]))
        return self._text(node, place)

    def _by_language(self, node: Table, place: Place) -> Any:
        texts = {name: self._text(value, place.within(name, line)) for name, (line, value) in node.rows.items()}
        languages = place.findings.languages
        if not languages:
            return WRONG
        unknown = [name for name in texts if name not in languages]
        for name in unknown:
            place.within(name, node.rows[name][0]).refuse(
                f"This is none of the languages of this document: {', '.join(languages)}."
            )
        if languages[0] not in texts:
            return place.refuse(
                f"Write this text in {languages[0]} too: it is shown where another language is missing."
            )
        if lacking := [name for name in languages if name not in texts]:
            place.warn(_lacks(lacking, languages[0]))
        if unknown or any(text is WRONG for text in texts.values()):
            return WRONG
        return texts.get(place.findings.language or languages[0], texts[languages[0]])

    def _text(self, node: Node, place: Place) -> Any:
        value = typed(node, place)
        if value is not WRONG and len(value) > self.most:
            return place.refuse(f"This text is too long: at most {self.most} characters, it has {len(value)}.")
        return value if self.paragraphs or value is WRONG else " ".join(value.split())

    def schema(self, shared: dict[str, Schema]) -> Schema:
        name = f"text_{self.most}"
        shared.setdefault(name, {
            "anyOf": [
                {"type": SCALARS, "minLength": 1, "maxLength": self.most},
                {
                    "type": "object",
                    "propertyNames": {"pattern": f"^(?:{LANGUAGE})$"},
                    "additionalProperties": {"type": SCALARS, "minLength": 1, "maxLength": self.most},
                    "minProperties": 1,
                },
            ]
        })  # fmt: skip
        return {"$ref": f"#/$defs/{name}"}


def _lacks(lacking: Any, shown: str) -> str:
    return f"This text is not there in {', '.join(lacking)}; it is shown in {shown}."
