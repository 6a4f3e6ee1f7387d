"""Look at the written bytes again, on another way than the one that wrote them.

Reads the package as a stranger would and trusts nothing but what may be in it: names of files and columns, values
per column, the size of every group, and marks that must not be there. One finding stops the release.
"""

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from studyportal.errors import Unsafe
from studyportal.research.plain_csv import plain
from studyportal.research.releases.fields import CODE, SUBJECTS, WEEK, WEEKLY, Field

EXPLAINING = frozenset(
    ["README.md", "SHA256SUMS", "codebook.csv", "codebook.html", "datapackage.json", "manifest.json", "signature.json"]
)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-][0-9]+)?")
_WHOLE = re.compile(r"-?[0-9]+")
# A calendar date, an e-mail address, a time of day: none of these is ever released.
_DATE, _EMAIL = r"(?<![0-9])(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]", r"[^\s,@]+@[^\s,@]+\.[a-z]"
_MARKS = re.compile(rf"{_DATE}|{_EMAIL}|(?<![0-9])[0-2][0-9]:[0-5][0-9]")
_WORDS = re.compile(r"-?[0-9A-Za-z]{6,}")


def check_written(
    package: bytes, fields: Sequence[Field], *, codes: Collection[str], k: int, forbidden: Collection[str]
) -> None:
    """Check a whole package. `codes` are the project's subject codes, `forbidden` words that may occur in no table.

    Raises `Unsafe` that names the kind of finding, never what was found.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            files = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    except (zipfile.BadZipFile, OSError):
        raise _found("cannot be read") from None
    data = {SUBJECTS, WEEKLY} if any(field.file == WEEKLY for field in fields) else {SUBJECTS}
    if set(files) != data | EXPLAINING:
        raise _found("does not hold the files it should")
    texts = {name: files[name].decode("utf-8") for name in data}
    for text in texts.values():
        _check_marks(text, forbidden)
    people = _check_subjects(texts[SUBJECTS], fields, codes, k)
    if WEEKLY in data:
        _check_weekly(texts[WEEKLY], fields, people)


def _found(what: str) -> Unsafe:
    return Unsafe(f"A finished release {what}; it was not offered.")


def _check_marks(text: str, forbidden: Collection[str]) -> None:
    if text.startswith("\ufeff") or "\0" in text or _MARKS.search(text):
        raise _found("holds a mark that is never released")
    if not set(_WORDS.findall(text)).isdisjoint(forbidden):
        raise _found("holds something from inside the snapshot")


def _lines(text: str, head: Sequence[str]) -> Iterator[Mapping[str, str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    if next(reader, None) != list(head):
        raise _found("holds a column that was not chosen")
    for line in reader:
        if len(line) != len(head):
            raise _found("holds a row of another length")
        yield dict(zip(head, line, strict=True))


def _check_subjects(text: str, fields: Sequence[Field], codes: Collection[str], k: int) -> set[str]:
    ours = [field for field in fields if field.file == SUBJECTS]
    quasi = [field.name for field in ours if field.quasi_identifier]
    groups: Counter[tuple[str, ...]] = Counter()
    people: list[str] = []
    allowed = _allowed(ours)
    for line in _lines(text, [CODE, *(field.name for field in ours)]):
        people.append(line[CODE])
        groups[tuple(line[name] for name in quasi)] += 1
        _check_values(line, ours, allowed)
    if len(people) != len(set(people)) or not set(people) <= set(codes):
        raise _found("names people otherwise than custody does")
    if not groups or min(groups.values()) < k:
        raise _found("has a group of people that is too small")
    return set(people)


def _check_weekly(text: str, fields: Sequence[Field], people: set[str]) -> None:
    ours = [field for field in fields if field.file == WEEKLY]
    seen: Counter[str] = Counter()
    allowed = _allowed(ours)
    for line in _lines(text, [CODE, WEEK, *(field.name for field in ours)]):
        seen[line[CODE]] += 1
        if not _WHOLE.fullmatch(line[WEEK]) or int(line[WEEK]) < 1:
            raise _found("holds a week that is none")
        _check_values(line, ours, allowed)
    if not set(seen) <= people or len(set(seen.values())) > 1:
        raise _found("tells by the number of rows how long somebody wrote")


def _check_values(line: Mapping[str, str], fields: Sequence[Field], allowed: Mapping[str, frozenset[str]]) -> None:
    for field in fields:
        text = line[field.name]
        if text and not (text in allowed[field.name] if field.labels else _is_number(text, field)):
            raise _found("holds a value that its codebook does not know")


def _allowed(fields: Sequence[Field]) -> Mapping[str, frozenset[str]]:
    return {field.name: frozenset(map(plain, field.labels)) for field in fields}


def _is_number(text: str, field: Field) -> bool:
    if field.item is None or not (_WHOLE if field.type == "integer" else _NUMBER).fullmatch(text):
        return False
    return field.item.minimum is None or field.item.minimum <= float(text) <= field.item.maximum  # type: ignore[operator]
