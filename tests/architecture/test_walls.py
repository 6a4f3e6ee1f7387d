"""The import contracts hold, and each of them bites: every wall is broken once, in a copy, and the breach is seen."""

import ast
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = Path(sys.executable).parent / "lint-imports"
CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}

# contract, what is planted (file -> its only line)
VIOLATIONS: list[tuple[str, dict[str, str]]] = [
    ("floors", {"intake/planted.py": "import studyportal.clinic"}),
    ("floors", {"research/planted.py": "import studyportal.custody"}),
    ("floors", {"registry/planted.py": "import studyportal.keyring"}),
    ("floors", {"workbench/planted.py": "import studyportal.intake"}),
    ("floors", {"clinic/planted.py": "import studyportal.portal"}),
    ("floors", {"web/planted.py": "import studyportal.registry"}),
    ("floors", {"errors.py": "import studyportal.database"}),
    ("floors", {"gallery/__init__.py": ""}),
    (
        "circles",
        {
            "intake/diary/planted.py": "import studyportal.intake.consent.planted",
            "intake/consent/planted.py": "import studyportal.intake.diary.planted",
        },
    ),
    ("research", {"research/planted.py": "import studyportal.registry"}),
    ("research", {"workbench/planted.py": "import studyportal.keyring"}),
    ("research", {"snapshots/planted.py": "import studyportal.sealing.opening"}),
    ("intake", {"intake/planted.py": "import studyportal.workbench"}),
    ("clinic", {"clinic/planted.py": "import studyportal.keyring"}),
    ("opening", {"clinic/planted.py": "from studyportal.sealing import opening"}),
    ("opening", {"intake/diary/planted.py": "from studyportal.sealing.opening import opener"}),
    ("cryptography", {"custody/planted.py": "from cryptography.hazmat.primitives import hashes"}),
    ("pure", {"protocol/planted.py": "import flask"}),
    ("pure", {"statistics/planted.py": "import sqlalchemy"}),
    ("pure", {"research/disclosure/planted.py": "import sqlalchemy"}),
    ("pure", {"custody/deidentification/planted.py": "import socket"}),
    ("tools", {"audit/planted.py": "import studyportal.outbox"}),
]


def judged(folder: Path) -> dict[str, str]:
    """Contract name -> "KEPT" or "BROKEN", as `lint-imports` says in this folder."""
    run = subprocess.run([LINT, "--no-logo"], cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    verdicts = {}
    for line in run.stdout.splitlines():
        for name in CONTRACTS.values():
            if line.startswith(f"{name} ") and line.split(name)[1].split()[0] in ("KEPT", "BROKEN"):
                verdicts[name] = line.split(name)[1].split()[0]
    assert run.returncode == (1 if "BROKEN" in verdicts.values() else 0), run.stdout + run.stderr
    return verdicts


@pytest.fixture(scope="module")
def building(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("building")
    shutil.copytree(ROOT / "studyportal", folder / "studyportal", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.fixture
def plant(building: Path) -> Iterator:
    undo: list[tuple[Path, str | None]] = []

    def put(files: dict[str, str]) -> None:
        for name, line in files.items():
            file = building / "studyportal" / name
            undo.append((file, file.read_text() if file.exists() else None))
            file.parent.mkdir(exist_ok=True)
            file.write_text(f"{line}\n" + (undo[-1][1] or ""))

    yield put
    for file, before in undo:
        if before is None:
            file.unlink()
        else:
            file.write_text(before)
    shutil.rmtree(building / "studyportal" / "gallery", ignore_errors=True)


def test_every_contract_is_kept():
    verdicts = judged(ROOT)

    assert verdicts == dict.fromkeys(CONTRACTS.values(), "KEPT")


@pytest.mark.parametrize(("contract", "files"), VIOLATIONS, ids=[f"{c}: {', '.join(f)}" for c, f in VIOLATIONS])
def test_a_planted_violation_is_caught(contract, files, building, plant):
    plant(files)

    assert judged(building)[CONTRACTS[contract]] == "BROKEN"


def test_every_contract_has_a_planted_violation():
    assert {contract for contract, _ in VIOLATIONS} == set(CONTRACTS)


# Reading files that came with a package is no way around the walls; loading code by name is.
HARMLESS = {"importlib.resources", "importlib.metadata"}


def loads_by_name(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (
                name.name for name in node.names if name.name.split(".")[0] in ("importlib", "runpy", "pkgutil")
            )
        elif (
            isinstance(node, ast.ImportFrom)
            and node.module
            and node.module.split(".")[0] in ("importlib", "runpy", "pkgutil")
        ):
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Name) and node.id in ("__import__", "exec", "eval"):
            yield node.id


def is_harmless(name: str) -> bool:
    return any(name == known or name.startswith(f"{known}.") for known in HARMLESS)


def test_only_composing_loads_code_by_name():
    loading = {
        (str(file.relative_to(ROOT)), name)
        for file in (ROOT / "studyportal").rglob("*.py")
        for name in loads_by_name(ast.parse(file.read_text()))
        if not is_harmless(name)
    }

    assert {file for file, _ in loading} == {"studyportal/portal/composing.py"}


@pytest.mark.parametrize(
    "line",
    [
        "import importlib",
        "from importlib import import_module",
        "__import__('os')",
        "eval('1')",
        "import importlib.util as u",
    ],
)
def test_loading_by_name_is_seen(line):
    assert not all(is_harmless(name) for name in loads_by_name(ast.parse(line)))
