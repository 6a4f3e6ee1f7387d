"""Write the README of a release: what it is, how it was made, and what it does not protect against."""

from collections.abc import Mapping, Sequence
from typing import Any

from studyportal.research.releases.fields import WEEKLY, Field


def readme(manifest: Mapping[str, Any], fields: Sequence[Field]) -> bytes:
    """README.md; plain words, from the same manifest that is signed."""
    rules = "\n".join(f"- {words}" for words in manifest["criteria_in_words"]) or "- everybody who shares"
    quasi = "; ".join(field.title for field in fields if field.quasi_identifier)
    k_words = (
        f"Every person shares the answers to these items with at least {manifest['k'] - 1} others: {quasi}."
        if quasi
        else "No item that can single people out in combination is in it."
    )
    weekly = f"\n- `{WEEKLY}`: one row per person and study week, in bands." if WEEKLY in manifest["rows"] else ""
    return f"""# {manifest["title"]}: release {manifest["release"]}

De-identified data of people in the study {manifest["study"]}, from snapshot {manifest["snapshot"]}, for project
{manifest["project"]} and its approved purpose only. De-identified is not anonymous: do not try to find out who
somebody is, do not join these data with others about people, do not pass them on.

- `subjects.csv`: one row per person.{weekly}
- `codebook.csv`, `codebook.html`: what every column and code means. An empty cell was not answered.
- `datapackage.json`: the same for programs (Frictionless Data Package 2.0).
- `manifest.json`, `SHA256SUMS`, `signature.json`: what was made how, and the proof.

## Who is in

{rules}

## How it was protected

Names, contacts, texts in own words, dates, study days and times are not in these files.
{k_words}
Rows are in random order. Subject codes are random and belong to this project alone.

## Limits

- Only the items named above were checked together (k-anonymity over people). Somebody who knows other answers of a
  person, or their course over several weeks, may recognise them.
- This release was not compared with former releases. Do not combine releases.
- People who did not share, or who withdrew, are missing; who shares is not a random choice.
- Answers are self-reported in an observational study. Differences are associations, not effects.

## Check it

`sha256sum -c SHA256SUMS` proves that the files belong together; `studyportal verify release FILE --custody-key KEY`
also proves who signed them.
""".encode()
