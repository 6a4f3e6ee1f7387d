"""Hold a study as values: who runs it, what is asked and when, what people consent to.

Frozen; made by `read_protocol`, which refuses every document with a mistake. Holds no answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from studyportal.errors import NotFound
from studyportal.protocol.answers import Answers
from studyportal.protocol.door import Door
from studyportal.protocol.items import NOTHING, Item
from studyportal.protocol.mistakes import Mistake
from studyportal.protocol.schedules import Schedule

if TYPE_CHECKING:
    from studyportal.protocol.expressions import Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What the study is called. Code and version are texts: "1.10" is not 1.1."""

    code: str
    title: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One thing a person agrees to, or not. `shares`: approved researchers may receive the de-identified answers."""

    name: str
    ask: str
    required: bool = False
    shares: bool = False


class Section(NamedTuple):
    """A part of the consent form or of a notice; paragraphs of `body` are separated by an empty line."""

    heading: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """What pages say of the study: whom to ask, whom to call in danger, who reads entries and when ("" if not given),
    the privacy notice and the help, in sections."""

    contact: str = ""
    emergency: str = ""
    monitoring: str = ""
    privacy: tuple[Section, ...] = ()
    help: tuple[Section, ...] = ()


class CheckQuestion(NamedTuple):
    """A question that shows whether the text of the consent form was understood: `choices` are words by code, `right`
    is the code of the one that is, `why` the words that explain it."""

    ask: str
    choices: Mapping[str, str]
    right: str
    why: str


# What becomes of the diary of somebody whose consent still waits: for their own signature, or for the clinic's.
UNTIL_SIGNED = UNTIL_COUNTERSIGNED = ("continue", "pause")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentForm:
    """The text a person agrees to, its scopes, and the strengths of withdrawal that the law of the site allows.

    `check` are the questions that come before the choices, by name. `asks_name`: the full name is asked with the
    signature. `countersign` is who signs besides the participant ("clinic", or "" for nobody). `until_signed` (of
    UNTIL_SIGNED) is what becomes of the diary of somebody who has not signed a new version yet, `until_countersigned`
    (of UNTIL_COUNTERSIGNED) of somebody whose signature waits for the other one.
    """

    version: str
    title: str
    sections: tuple[Section, ...]
    scopes: Mapping[str, Scope]
    withdrawal: tuple[str, ...]
    check: Mapping[str, CheckQuestion] = field(default_factory=lambda: MappingProxyType({}))
    asks_name: bool = False
    countersign: str = ""
    until_signed: str = "continue"
    until_countersigned: str = "continue"

    @property
    def text(self) -> str:
        """All words of the form in their order, and what signing asks besides: what a signature covers."""
        parts = [f"{self.title} (version {self.version})"]
        parts += [f"{section.heading}\n\n{section.body}" for section in self.sections]
        parts += [_as_text(name, question) for name, question in self.check.items()]
        parts += [f"{scope.name}: {scope.ask}" for scope in self.scopes.values()]
        parts += ["name: required"] * self.asks_name + [f"countersign: {self.countersign}"] * bool(self.countersign)
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


def _as_text(name: str, question: CheckQuestion) -> str:
    choices = [f"{'*' if code == question.right else '-'} {code}: {words}" for code, words in question.choices.items()]
    return "\n".join((f"check {name}: {question.ask}", *choices, question.why))


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """Items asked together, when, and by whom they are filled in: "participant" or "clinician"."""

    name: str
    title: str
    schedule: Schedule
    items: Mapping[str, Item]
    hint: str = ""
    by: str = "participant"
    door: Door = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "door", Door(self.items))

    @property
    def on_demand(self) -> bool:
        return self.schedule.on_demand

    @property
    def in_diary(self) -> bool:
        """Whether participants fill it in during the study: neither what a clinician does nor the screening."""
        return self.by == "participant" and self.schedule.form != "before_consent"

    def parse(
        self, raw: object, *, missing: object = NOTHING, zone: str = "UTC", latest: date | None = None
    ) -> Answers:
        """Check raw answers (form texts or JSON values); raises `InvalidAnswers` with a sentence per item.

        `missing` maps items to the reason given in place of an answer. `zone` is that of moments written without one.
        With `latest`, the participant's local date, dates after it are refused.
        """
        return self.door.parse(raw, missing, zone, latest)

    def parse_json(
        self, data: bytes, *, missing: object = NOTHING, zone: str = "UTC", latest: date | None = None
    ) -> Answers:
        """The same for answers as JSON: quick when there is nothing to object to."""
        if missing is NOTHING and (answers := self.door.read(data, zone, latest)) is not None:
            return answers
        return self.door.parse_json(data, missing, zone, latest)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Groups smaller than `threshold` people are hidden; counts are blurred by `noise` and rounded to a multiple of
    `rounding`.

    `ledger` is how much of the same people one project may open, `ledger_of_all` all projects in twelve months, and
    `release` the smallest group of people who look alike in a data set that leaves.
    """

    threshold: int
    rounding: int
    noise: int = 7
    ledger: int = 50
    ledger_of_all: int = 150
    release: int = 11


LEVELS = ("low", "high", "urgent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An answer to `instrument` that needs a clinician: `when` holds, and it is as pressing as `level` (of LEVELS).

    `say` is told to the participant at once, `act` to the clinician; "" if nothing is. `reads_former`: `when` needs
    entries before this one, so only custody can tell.
    """

    name: str
    instrument: str
    when: "Expression"
    level: str
    title: str
    say: str = ""
    act: str = ""

    @property
    def reads_former(self) -> bool:
        return any("." in name for name in self.when.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ineligibility:
    """A reason why somebody cannot take part now: `when` holds over the answers to the screening, and what to say."""

    name: str
    when: "Expression"
    say: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to call in a crisis. `hours` in plain words ("day and night")."""

    name: str
    phone: str
    hours: str = ""
    web: str = ""


class StaffedHours(NamedTuple):
    """Days (0 is Monday) on which somebody reads alerts, from a time to a time on the clock of the clinic."""

    days: frozenset[int]
    begins: time
    ends: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """When alerts are read, on the clock of `zone`; no `hours` means that nobody reads them in time."""

    zone: str = "UTC"
    hours: tuple[StaffedHours, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Protocol:
    """A whole study. `digest` is the hex SHA-256 of `source`, the document as it was read in `language`.

    `languages` are those of its texts, the first one the fallback. `contacts` maps countries (ISO 3166-1, "GB") to
    crisis lines, "" to those for everywhere else. `warnings` are what a coordinator should look at before use.
    `earlier` maps each former version to the study as it was then, oldest first.
    """

    study: Study
    notices: Notices
    consent: ConsentForm
    instruments: Mapping[str, Instrument]
    disclosure: Disclosure
    source: str
    digest: str
    languages: tuple[str, ...] = ("en",)
    language: str = "en"
    ineligibility: tuple[Ineligibility, ...] = ()
    alerts: Mapping[str, Alert] = field(default_factory=lambda: MappingProxyType({}))
    contacts: Mapping[str, tuple[Contact, ...]] = field(default_factory=lambda: MappingProxyType({}))
    monitoring: Monitoring = Monitoring()
    warnings: tuple[Mistake, ...] = ()
    earlier: "Mapping[str, Protocol]" = field(default_factory=lambda: MappingProxyType({}))

    def version(self, version: str) -> "Protocol":
        """The study as it was in this version; raises `NotFound` for one that was never in force."""
        if version == self.study.version:
            return self
        try:
            return self.earlier[version]
        except KeyError:
            raise NotFound("This version of the study document is not known here.") from None

    @property
    def screening(self) -> Instrument | None:
        """The instrument that is answered before consent; None if nobody is screened."""
        return next((one for one in self.instruments.values() if one.schedule.form == "before_consent"), None)

    @property
    def identity(self) -> tuple[str, ...]:
        """What tells two studies apart: language and documents, the former ones as well."""
        return (self.language, self.digest, *(one.digest for one in self.earlier.values()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Protocol) and self.identity == other.identity

    def __hash__(self) -> int:
        return hash(self.identity)
