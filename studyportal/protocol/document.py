"""Hold a study as values: who runs it, what is asked and when, what people consent to.

Frozen; made by `read_protocol`, which refuses every document with a mistake. Holds no answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import NamedTuple

from studyportal.protocol.answers import Answers, parse_answers
from studyportal.protocol.items import Item
from studyportal.protocol.schedules import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What the study is called. Code and version are texts: "1.10" is not 1.1."""

    code: str
    title: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """Lines that pages show: whom to ask, whom to call in danger, and who reads entries and when ("" if not given)."""

    contact: str = ""
    emergency: str = ""
    monitoring: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One thing a person agrees to, or not. `shares`: approved researchers may receive the de-identified answers."""

    name: str
    ask: str
    required: bool = False
    shares: bool = False


class Section(NamedTuple):
    """A part of the consent form; paragraphs of `body` are separated by an empty line."""

    heading: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentForm:
    """The text a person agrees to, its scopes, and the strengths of withdrawal that the law of the site allows."""

    version: str
    title: str
    sections: tuple[Section, ...]
    scopes: Mapping[str, Scope]
    withdrawal: tuple[str, ...]

    @property
    def text(self) -> str:
        """All words of the form in their order: what a signature covers."""
        parts = [f"{self.title} (version {self.version})"]
        parts += [f"{section.heading}\n\n{section.body}" for section in self.sections]
        parts += [f"{scope.name}: {scope.ask}" for scope in self.scopes.values()]
        return "\n\n".join(parts) + "\n"

    @property
    def digest(self) -> str:
        """Hex SHA-256 of `text`."""
        return sha256(self.text.encode()).hexdigest()

    @property
    def required(self) -> frozenset[str]:
        """Scopes without which nobody can take part."""
        return frozenset(scope.name for scope in self.scopes.values() if scope.required)

    @property
    def sharing(self) -> frozenset[str]:
        """Scopes under which answers reach a snapshot."""
        return frozenset(scope.name for scope in self.scopes.values() if scope.shares)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """Items asked together, and when."""

    name: str
    title: str
    schedule: Schedule
    items: Mapping[str, Item]
    hint: str = ""

    @property
    def on_demand(self) -> bool:
        return self.schedule.on_demand

    def parse(self, raw: object, *, latest: date | None = None) -> Answers:
        """Check raw answers (form texts or JSON values); raises `InvalidAnswers` with a sentence per item.

        With `latest`, the participant's local date, dates after it are refused.
        """
        return parse_answers(self.items, raw, latest=latest)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Groups smaller than `threshold` people are hidden; counts are rounded to a multiple of `rounding`."""

    threshold: int
    rounding: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Protocol:
    """A whole study. `digest` is the hex SHA-256 of `source`, the document as it was read."""

    study: Study
    notices: Notices
    consent: ConsentForm
    instruments: Mapping[str, Instrument]
    disclosure: Disclosure
    source: str
    digest: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Protocol) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)
