"""What the repository says of itself is complete, and it says nothing of the machine it was written on."""

import re
import subprocess
from pathlib import Path

import pytest

from studyportal.database import BINDS, metadata
from studyportal.portal import migrating

ROOT = Path(__file__).parents[2]

# Spelt in pieces, so that this file does not hold what it forbids.
FORBIDDEN = {
    "a path of one machine": rf"(?<![\w.:~$}}\])-])/(?:{'wo'}rk|{'ro'}ot|{'ho'}me/\w+|{'fa'}rm)/",
    "a package registry's address": rf"{'py'}pi\.org|{'python'}hosted|{'index'}-url[ =]+\S*://|npm{'js'}\.",
    "a mark of unfinished work": rf"\b(?:{'TO'}DO|{'FIX'}ME|{'XX'}X|{'HA'}CK)\b|raise Not{'Implemented'}|lorem {'ipsum'}",
}


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_tracked_files_are_free_of(what):
    pattern = re.compile(FORBIDDEN[what])

    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for file in tracked_files()
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]

    assert found == []


def test_every_table_is_in_the_glossary():
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `(\w+)` \|", glossary, re.MULTILINE))

    declared = {name for bind in BINDS for name in metadata(bind).tables}

    assert migrating.DECLARING
    assert explained == declared


def test_the_lock_files_hold_a_hash_for_every_package_and_no_address():
    for name in ("requirements.txt", "requirements-test.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        pinned = re.findall(r"^[a-z0-9].*", text, re.MULTILINE)

        assert all(re.match(r"[a-z0-9_.\[\]-]+==\S+.* \\$", line) for line in pinned), name
        assert "://" not in text
        for block in re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]:
            assert "--hash=sha256:" in block, block.splitlines()[0]


def test_an_instance_never_enters_version_control():
    kept = {str(file.relative_to(ROOT)) for file in tracked_files() if file.is_relative_to(ROOT / "instance")}

    assert kept == {"instance/README.md", "instance/.gitignore"}
