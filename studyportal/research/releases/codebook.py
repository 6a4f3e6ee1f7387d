"""Explain the columns of a release, for a program (CSV, Data Package) and for a person (HTML)."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from studyportal.research.plain_csv import plain, written
from studyportal.research.releases.fields import CODE, SUBJECTS, WEEK, WEEKLY, Field

HEAD = ("file", "column", "type", "question", "code", "meaning", "treatment", "quasi_identifier", "instrument", "notes")
TITLES = {SUBJECTS: "One row per person", WEEKLY: "One row per person and study week"}
CODE_TITLE = "Random code of the person in this project; it means nothing elsewhere"
WEEK_TITLE = "Study week; week 1 is study days 1 to 7"


def codebook_csv(files: Sequence[str], fields: Sequence[Field]) -> bytes:
    """One line per column, or per code where a column has codes."""
    lines: list[Sequence[str]] = [HEAD]
    for file in files:
        lines.append((file, CODE, "string", CODE_TITLE, "", "", "random", "no", "", ""))
        if file == WEEKLY:
            lines.append((file, WEEK, "integer", WEEK_TITLE, "", "", "week instead of day", "no", "", ""))
        for field in fields:
            if field.file == file:
                for code, label in field.labels.items() or [("", "")]:
                    quasi = "yes" if field.quasi_identifier else "no"
                    place = (file, field.name, field.type, field.title)
                    lines.append((*place, code, label, field.treated, quasi, field.instrument.title, _notes(field)))
    return written(lines)


def codebook_html(title: str, files: Sequence[str], fields: Sequence[Field]) -> bytes:
    """The same as a page that needs nothing else."""
    parts = [f"<h1>Codebook</h1>\n<p>{escape(title)}. An empty cell was not answered.</p>"]
    for file in files:
        rows = [(CODE, CODE_TITLE, "", "", "")] + ([(WEEK, WEEK_TITLE, "", "", "")] if file == WEEKLY else [])
        rows += [
            (field.name, field.title, _codes(field), field.treated, _notes(field))
            for field in fields
            if field.file == file
        ]
        body = "\n".join(
            f"<tr><th scope=row><code>{escape(name)}</code></th><td>{escape(ask)}{'<br>' if notes else ''}{escape(notes)}</td>"
            f"<td>{codes}</td><td>{escape(treated)}</td></tr>"
            for name, ask, codes, treated, notes in rows
        )
        parts.append(
            f"<h2>{escape(file)}</h2>\n<table><caption>{TITLES[file]}</caption>\n<thead><tr><th scope=col>Column</th>"
            f"<th scope=col>Question</th><th scope=col>Codes</th><th scope=col>Treatment</th></tr></thead>\n<tbody>\n{body}\n</tbody></table>"
        )
    return _PAGE.format(title=escape(title), body="\n".join(parts)).encode()


def _notes(field: Field) -> str:
    """When it was asked, how it was worked out, where a score was published, what changed with a version."""
    return " ".join(field.item.notes) if field.item else ""


def _codes(field: Field) -> str:
    if not field.labels:
        return escape(field.item.scale) if field.item else ""
    return "<br>".join(
        f"<code>{escape(plain(code))}</code>" + (f" {escape(label)}" if label != code else "")
        for code, label in field.labels.items()
    )


def data_package(
    name: str,
    title: str,
    described: Mapping[str, Mapping[str, Any]],
    heads: Mapping[str, Sequence[str]],
    fields: Sequence[Field],
) -> dict[str, Any]:
    """The Frictionless Data Package 2.0 descriptor; `described` has `bytes` and `sha256` (hex) of every CSV file."""
    by_name = {field.name: field for field in fields}
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": name,
        "title": title,
        "resources": [
            {
                "name": file.removesuffix(".csv"),
                "path": file,
                "type": "table",
                "title": TITLES[file],
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": described[file]["bytes"],
                "hash": f"sha256:{described[file]['sha256']}",
                "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "header": True},
                "schema": {
                    "fields": [_column(column, by_name.get(column)) for column in head],
                    "missingValues": [""],
                    "primaryKey": [CODE, WEEK] if file == WEEKLY else [CODE],
                    **(_BELONGS if file == WEEKLY else {}),
                },
            }
            for file, head in heads.items()
        ],
    }


_BELONGS = {
    "foreignKeys": [{"fields": [CODE], "reference": {"resource": SUBJECTS.removesuffix(".csv"), "fields": [CODE]}}]
}


def _column(name: str, field: Field | None) -> dict[str, Any]:
    if field is None:
        kind, title = ("string", CODE_TITLE) if name == CODE else ("integer", WEEK_TITLE)
        return {"name": name, "type": kind, "title": title, "constraints": {"required": True}}
    described: dict[str, Any] = {"name": name, "type": field.type, "title": field.title, "description": field.treated}
    if field.labels:
        values = [int(code) if field.type == "integer" else plain(code) for code in field.labels]
        labelled = zip(values, field.labels.values(), strict=True)
        described["categories"] = [{"value": value, "label": label} for value, label in labelled]
        described["categoriesOrdered"] = field.bands is not None
    elif field.item is not None and field.item.minimum is not None:
        described["constraints"] = {"minimum": field.item.minimum, "maximum": field.item.maximum}
    return described


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Codebook: {title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}}table{{border-collapse:collapse;width:100%}}
caption{{text-align:left;color:#555}}th,td{{text-align:left;vertical-align:top;padding:.4rem 1rem .4rem 0;border-bottom:1px solid #ddd}}</style>
</head><body>
{body}
</body></html>
"""
