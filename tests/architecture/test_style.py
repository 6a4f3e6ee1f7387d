"""The linter finds nothing in the whole repository, and everything is laid out as its formatter does."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.test_documents import ROOT

RUFF = Path(sys.executable).parent / "ruff"


@pytest.mark.parametrize(
    "looking", [("check", "--output-format", "concise"), ("format", "--check")], ids=lambda one: one[0]
)
def test_the_linter_finds_nothing(looking):
    command = [RUFF, *looking, "--no-cache", "."]

    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout + run.stderr
