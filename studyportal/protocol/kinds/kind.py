"""Say what a kind of question is: the columns of the one table, and how an answer is turned down.

Values only; the rows are in `studyportal.protocol.kinds`. A row has no default where a wrong one would do harm.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from studyportal.protocol.items import Item

Row = Mapping[str, Any]
Value = int | float | bool | str | date | time | datetime | tuple[str, ...] | tuple[Row, ...]
Wire = int | float | bool | str | list[str] | list[dict[str, Any]]


class Unacceptable(ValueError):
    """One raw answer cannot be taken; `sentence` is what to show beside the question."""

    @property
    def sentence(self) -> str:
        return self.args[0]  # type: ignore[no-any-return]


def same(value: Any) -> Any:
    """What needs no turning."""
    return value


def nothing(raw: object) -> bool:
    """Nothing was answered: nothing sent, or blank text."""
    return raw is None or (isinstance(raw, str) and not raw.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of question.

    `parse(item, raw, zone)` gives the value; `zone` is the IANA zone of a time written without one;
    what `is_blank` counts as not answered. `to_wire` and
    `from_wire` go between the value and its JSON form, of Python type `wire`; `to_column` and `from_column` between the
    JSON form and the cell of an Arrow column of type `column`. `type` is what expressions take it for. `needs` and
    `takes` are the settings that its items must and may have. `answered` is False for what nobody answers. The last
    five say how others know it: FHIR Questionnaire item type, REDCap field type, SPSS format, Stata storage type and
    Dataset-JSON data type of one variable ("" where there is none; an answer of several codes is one variable each).
    """

    name: str
    words: str
    parse: Callable[[Item, object, str], Any]
    describe: Callable[[Item], str]
    wire: type
    column: str
    type: str
    form_field: str
    may_release: tuple[str, ...]
    fhir: str
    redcap: str
    spss: str
    stata: str
    dataset_json: str
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    answered: bool = True
    is_blank: Callable[[object], bool] = nothing
    to_wire: Callable[[Any], Any] = same
    from_wire: Callable[[Any], Any] = same
    to_column: Callable[[Any], Any] = same
    from_column: Callable[[Any], Any] = same
