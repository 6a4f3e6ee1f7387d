"""Research starts and answers in a tree where everything on the identified side of the wall has been deleted."""

import shutil
import subprocess
import sys
from pathlib import Path

import studyportal
from tests.research.study import PROTOCOL

GONE = ("intake", "clinic", "custody", "registry", "keyring", "portal", "sealing/opening", "snapshots/writing.py")

START = """
import base64, secrets, sys
from pathlib import Path
from studyportal.research.app import create_app
from studyportal.research.settings import ResearchSettings
from studyportal.research.releases.verification import verify_release
from studyportal.sealing.signatures import public_of, sign
here = Path(sys.argv[1])
text = lambda raw: base64.b64encode(raw).decode()
secret = lambda: text(secrets.token_bytes(32))
custody, export = secrets.token_bytes(32), secrets.token_bytes(32)
certificate = sign("studyportal export key", public_of(export), key=custody)
settings = ResearchSettings.read({
    "port": 8003, "origin": "http://localhost:8003", "secret_key": secret(), "protocol": here / "p.yaml",
    "databases": {"workbench": f"sqlite:///{here}/w.sqlite"}, "synthetic": True, "workers": 1, "threads": 1,
    "log": str(here / "log"), "shelf": here / "shelf", "releases": here / "releases", "snapshot_key": secret(),
    "noise_secret": secret(), "export_key": text(export), "export_certificate": text(certificate),
    "custody_public_key": text(public_of(custody)),
})
app = create_app(settings)
print(app.test_client().get("/sign-in", base_url="http://localhost:8003").status_code)
"""


def test_research_serves_without_the_identified_side(tmp_path: Path) -> None:
    tree = tmp_path / "studyportal"
    shutil.copytree(Path(studyportal.__file__).parent, tree, ignore=shutil.ignore_patterns("__pycache__"))
    for name in GONE:
        where = tree / name
        shutil.rmtree(where) if where.is_dir() else where.unlink(missing_ok=True)
    (tmp_path / "p.yaml").write_text(PROTOCOL)

    done = subprocess.run(
        [sys.executable, "-c", START, str(tmp_path)], cwd=tmp_path, capture_output=True, text=True, timeout=60,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""}, check=False,
    )  # fmt: skip

    assert done.stdout.strip() == "200", done.stderr
