"""The linter finds nothing in the whole repository."""

import subprocess
import sys
from pathlib import Path

from tests.architecture.test_documents import ROOT

RUFF = Path(sys.executable).parent / "ruff"


def test_the_linter_finds_nothing():
    command = [RUFF, "check", "--no-cache", "--output-format", "concise", "."]

    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout + run.stderr
