"""Find the latest former answers that an entry's alerts read. Pure.

Former is what is about an earlier day, or came before on the same day. What a former version of the study asked counts
under the name and codes of the entry's version where a change kept its meaning, and not at all where it broke it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from studyportal.protocol import Protocol
from studyportal.protocol.amendments import lineage
from studyportal.protocol.columns import Row


def place(row: Row) -> tuple[str, datetime, UUID]:
    """What is former to what: by the day an entry is about, then by when it came."""
    return row.entry.diary_date, row.received_at, row.entry_id


def former_answers(rows: Iterable[Row], *, before: Row, names: Iterable[str], protocol: Protocol) -> Mapping[str, Any]:
    """The latest answer under each name with a dot among the rows former to one; a name without any is left out.

    `protocol` is the present version of the study.
    """
    former = sorted((row for row in rows if place(row) < place(before)), key=place, reverse=True)
    version = before.entry.protocol_version
    found: dict[str, Any] = {}
    for name in names:
        instrument, _, item = name.partition(".")
        for row in former:
            if row.entry.instrument != instrument:
                continue
            answer = _answer(row, instrument, item, version, protocol)
            if answer is not None:
                found[name] = answer
                break
    return found


def _answer(row: Row, instrument: str, item: str, version: str, protocol: Protocol) -> Any:
    answers, written_under = row.entry.answers, row.entry.protocol_version
    if written_under == version:
        return answers.get(item)
    for line in lineage(protocol).get(instrument, ()):
        asked = line.sources.get(version)
        if asked is not None and asked.item == item and written_under in line.sources:
            source = line.sources[written_under]
            # Codes lead from each version to the newest; back to a version in between they are not known.
            recode = source.recode if version == protocol.study.version else {}
            return _recoded(answers.get(source.item), recode)
    return None


def _recoded(answer: Any, recode: Mapping[str, str]) -> Any:
    if isinstance(answer, list):
        return [recode.get(code, code) if isinstance(code, str) else code for code in answer]
    return recode.get(answer, answer) if isinstance(answer, str) else answer
