"""What a participant is refused with is marked for the catalogues: nothing that they meet is English alone."""

import ast
import importlib
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from studyportal import errors
from studyportal.saying import Sentence

ROOT = Path(__file__).parents[2]
KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.Refusal)]
# Their text is shown to nobody who is in a room: the room says `UNEXPECTED` instead.
NEVER_SHOWN = {errors.Refusal, errors.Unsafe, errors.WallCrossed}
REFUSALS = {kind.__name__ for kind in KINDS if kind not in NEVER_SHOWN}
# Modules that only staff run, with the reason.
STAFF = {
    "studyportal/protocol/columns.py": "custody alone folds entries into blocks",
    "studyportal/registry/reached.py": "the clinic alone looks up whom it reaches",
}


def met() -> list[Path]:
    """The modules whose words participants read, as pyproject.toml lists them; the first list that has one counts."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    by: dict[Path, str] = {}
    for mapping in mappings:
        patterns = mapping["pattern"] if isinstance(mapping["pattern"], list) else [mapping["pattern"]]
        for path in (path for pattern in patterns for path in ROOT.glob(pattern.replace("**.", "**/*."))):
            by.setdefault(path, mapping["method"])
    listed = [path for path, method in by.items() if method == "python"]
    return sorted(path for path in listed if str(path.relative_to(ROOT)) not in STAFF)


def unmarked(path: Path) -> Iterator[str]:
    """The sentences of refusals that would be said in English to everybody."""
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and _name(node.func) in REFUSALS and node.args:
            sentence, *problems = node.args
            # As the first argument a plain text is taken up by the name of the refusal.
            parts = [] if isinstance(sentence, ast.Constant) else [sentence]
            for one in problems:
                by_place = [one.value] if isinstance(one, ast.DictComp) else [one]
                parts += one.values if isinstance(one, ast.Dict) else by_place
            yield from (f"{node.lineno}: {ast.unparse(part)}" for part in parts if not _is_marked(part, module))


def _name(called: ast.expr) -> str:
    return called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""


def _is_marked(part: ast.expr, module: object) -> bool:
    """Whether a part is marked; what is put together elsewhere (a call, a local name) is marked there."""
    if isinstance(part, ast.Constant | ast.JoinedStr):
        return False
    if isinstance(part, ast.IfExp):
        return _is_marked(part.body, module) and _is_marked(part.orelse, module)
    name = part.value if isinstance(part, ast.Subscript) else part
    value = getattr(module, name.id, "") if isinstance(name, ast.Name) else ""
    texts = value.values() if isinstance(value, Mapping) else [value]
    return all(isinstance(one, Sentence) for one in texts if isinstance(one, str) and one)


@pytest.mark.parametrize("path", met(), ids=lambda path: str(path.relative_to(ROOT / "studyportal")))
def test_a_refusal_that_participants_meet_is_marked(path: Path) -> None:
    assert list(unmarked(path)) == []
