"""Hold how a CSV file becomes entries of a study: which columns say who, when and what.

Frozen values; made by `read_mapping`, which refuses a mapping with any mistake. docs/importing.md is the grammar.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from studyportal.portal.importing.occasions import Occasions


@dataclass(frozen=True, slots=True)
class Target:
    """The item that a column or a score's name becomes.

    `codes`: what the file writes -> the protocol's code. `between`: what stands between several codes in one cell (""
    if a cell holds one answer). `missing`: what the file writes where there is no answer -> the protocol's reason.
    """

    item: str
    codes: Mapping[str, str] | None = None
    between: str = ""
    missing: Mapping[str, str] = field(default_factory=dict)

    def raw(self, text: str) -> str | list[str] | None:
        """What the item's kind will read; None if a text of the file is not among the codes."""
        if not self.between or not text:
            return self._code(text)
        found = [self._code(part.strip()) for part in text.split(self.between)]
        return None if None in found else found  # type: ignore[return-value]

    def _code(self, text: str) -> str | None:
        return text if self.codes is None or not text else self.codes.get(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """A file with one value per row: one column names the score, another holds its value."""

    name: str
    value: str
    items: Mapping[str, Target]
    left_out: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Columns that say the same in all rows of a participant; they become one entry of an instrument asked once."""

    instrument: str
    study_day: int
    columns: Mapping[str, Target]


@dataclass(frozen=True, slots=True)
class StartColumn:
    """The column with each participant's start date, as year-month-day."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMapping:
    """Everything the import needs to know. `left_out`: column -> the reason why nothing is taken from it."""

    study: str
    participant: str
    site: str
    site_name: str
    zone: str
    start: date | StartColumn
    scopes: tuple[str, ...]
    occasion: str
    occasions: Occasions
    scores: Scores | None
    columns: Mapping[str, Target]
    baseline: Baseline | None
    left_out: Mapping[str, str]

    @property
    def named_columns(self) -> Mapping[str, str]:
        """Every column that the mapping speaks of, with what it is for; a file has exactly these."""
        uses = {self.participant: "participant", self.occasion: "occasion"}
        if isinstance(self.start, StartColumn):
            uses[self.start.name] = "start"
        if self.scores:
            uses |= {self.scores.name: "name of the score", self.scores.value: "value of the score"}
        uses |= dict.fromkeys(self.columns, "answer")
        if self.baseline:
            uses |= dict.fromkeys(self.baseline.columns, "baseline answer")
        return uses | dict.fromkeys(self.left_out, "left out")
