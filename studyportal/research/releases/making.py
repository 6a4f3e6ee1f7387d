"""Make a release from a snapshot: the whole pipeline in order, from the choice to checked bytes. Writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from studyportal import __version__
from studyportal.errors import Invalid
from studyportal.research.cohorts.criteria import Criteria
from studyportal.research.cohorts.selection import selected
from studyportal.research.plain_csv import written
from studyportal.research.releases.anonymity import check_anonymity
from studyportal.research.releases.codebook import codebook_csv, codebook_html, data_package
from studyportal.research.releases.fields import Field, chosen, offered
from studyportal.research.releases.package import described, json_bytes, packed
from studyportal.research.releases.readme import readme
from studyportal.research.releases.recheck import check_written
from studyportal.research.releases.rows import Chance, Tables, in_scope, quasi_identifiers, tables
from studyportal.research.snapshot.opened import OpenedSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a release is to be: its id, project, snapshot, people and columns."""

    release: UUID
    project: str
    snapshot: OpenedSnapshot
    snapshot_manifest: str
    criteria: Criteria
    names: Sequence[str]


def make(
    wanted: Wanted, *, codes: Mapping[int, str], export_key: bytes, certificate: bytes, rng: Chance, now: datetime
) -> bytes:
    """The bytes of the package.

    Raises `Invalid` when the choice would single people out, with what to leave out; `Unavailable` without subject
    codes; `Unsafe` when the written bytes do not pass the second check.
    """
    snapshot, k = wanted.snapshot, wanted.snapshot.codebook.release_threshold
    people = selected(snapshot, wanted.criteria)
    shown = snapshot.engine.count(people)
    if shown.value is None:
        raise Invalid(f"This cohort is too small to be released: it must have at least {k} people.")
    fields = chosen(wanted.names, offered(snapshot.codebook), people=int(shown.value))
    rows = in_scope(snapshot, people)
    check_anonymity(quasi_identifiers(snapshot, fields, rows), people=len(rows), k=k)
    files = _files(wanted, fields, tables(snapshot, fields, rows, codes=codes, rng=rng), k=k, now=now)
    package = packed(files, export_key=export_key, certificate=certificate)
    check_written(package, fields, codes=set(codes.values()), k=k, forbidden=_inside(snapshot))
    return package


def _inside(snapshot: OpenedSnapshot) -> set[str]:
    """What must never be seen outside: the record keys, as numbers in every usual spelling."""
    keys = (key for half in (1, 2) for key in snapshot.subjects.column(f"record_key_{half}").to_pylist())
    return {spelling for key in keys for spelling in (str(key), f"{key % 2**64:x}", str(key % 2**64))}


def _files(wanted: Wanted, fields: Sequence[Field], found: Tables, *, k: int, now: datetime) -> dict[str, bytes]:
    snapshot, names = wanted.snapshot, list(found.heads)
    data = {name: written([found.heads[name], *found.rows[name]]) for name in names}
    title = snapshot.codebook.title
    package = data_package(f"release-{wanted.release}", title, described(data), found.heads, fields)
    data |= {
        "codebook.csv": codebook_csv(names, fields),
        "codebook.html": codebook_html(title, names, fields),
        "datapackage.json": json_bytes(package),
    }
    manifest: dict[str, Any] = {
        "format": 1,
        "release": str(wanted.release),
        "study": snapshot.codebook.code,
        "title": title,
        "protocol_version": snapshot.codebook.version,
        "project": wanted.project,
        "snapshot": snapshot.number,
        "snapshot_manifest_sha256": wanted.snapshot_manifest,
        "made_on": f"{now:%Y-%m-%d}",
        "software": f"studyportal {__version__}",
        "tier": "T2: baseline and weekly diary",
        "criteria": [[rule.variable.name, list(rule.values)] for rule in wanted.criteria.rules],
        "without": [[rule.variable.name, list(rule.values)] for rule in wanted.criteria.without],
        "criteria_in_words": wanted.criteria.words,
        "items": [field.name for field in fields],
        "quasi_identifiers": [field.name for field in fields if field.quasi_identifier],
        "k": k,
        "rows": {name: len(found.rows[name]) for name in names},
    }
    data["README.md"] = readme(manifest, fields)
    return data | {"manifest.json": json_bytes(manifest | {"files": described(data)})}
