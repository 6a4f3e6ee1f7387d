"""The research room is shipped without `sealing/opening`: sealing, signing and files work all the same."""

import shutil
import subprocess
import sys
from pathlib import Path

import studyportal

PROGRAM = """
import random, tempfile, pathlib
import studyportal.sealing as sealing
from studyportal.sealing import files, passphrase, sessions, signatures
assert str(pathlib.Path(sealing.__file__)).startswith(HERE), sealing.__file__
about = sealing.Context("MCP-1", "e-17", "entry", "1")
sealing.seal(b"x", to=sealing.new_pair().public, about=about)
root = passphrase.derive(passphrase.generate_passphrase(random.Random(1)), salt=bytes(16))
sealing.seal_to_reader(b"x", to=root.reading_public, about=about)
signatures.verify("l", b"m", signatures.sign("l", b"m", key=root.consent_key), public=root.consent_public)
sessions.seal_under_token(b"x", sessions.new_token(), about)
try:
    import studyportal.sealing.opening
except ModuleNotFoundError:
    print("sealed, and nothing here opens")
"""


def test_sealing_works_where_opening_has_been_sawn_off(tmp_path):
    package = Path(studyportal.__file__).parent
    shutil.copytree(package / "sealing", tmp_path / "studyportal" / "sealing", ignore=shutil.ignore_patterns("opening"))
    for ground in ("__init__.py", "errors.py", "saying.py"):
        shutil.copy(package / ground, tmp_path / "studyportal" / ground)

    done = subprocess.run(
        [sys.executable, "-c", f"HERE = {str(tmp_path)!r}" + PROGRAM],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,  # what it printed says more than the exit status
    )

    assert done.stdout == "sealed, and nothing here opens\n", done.stderr
