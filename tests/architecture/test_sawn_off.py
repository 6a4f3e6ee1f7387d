"""Each side of the wall starts, as a real process, where the other side does not exist."""

import subprocess
import sys

import pytest
import requests

from tests.portal.processes import copy_without, instance_on_free_ports, running

# room -> what is deleted before it starts
SAWN_OFF = {
    "research": ("intake", "clinic", "custody", "registry", "keyring", "sealing/opening"),
    "clinic": ("intake", "custody", "research", "keyring", "snapshots", "workbench", "sealing/opening"),
    "intake": ("custody", "research", "workbench", "clinic"),
}


@pytest.mark.parametrize("room", SAWN_OFF)
def test_a_room_serves_its_sign_in_page_without_the_other_side(room, tmp_path):
    ports = instance_on_free_ports(tmp_path / "instance")
    tree = copy_without(tmp_path / "tree", SAWN_OFF[room])

    with running(room, tmp_path / "instance", port=ports[room], tree=tree):
        page = requests.get(f"http://localhost:{ports[room]}/sign-in", timeout=20)

    assert page.status_code == 200
    assert "passphrase" in page.text.lower()


def test_a_room_that_is_not_there_is_refused_in_a_sentence(tmp_path):
    instance_on_free_ports(tmp_path / "instance")
    tree = copy_without(tmp_path / "tree", SAWN_OFF["research"])

    refused = subprocess.run(
        [sys.executable, "-m", "studyportal.portal.command_line", "room", "custody", "--instance", tmp_path / "instance"],
        cwd=tree, env={"PYTHONPATH": str(tree)}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert refused.returncode == 1
    assert refused.stderr == "This part of the building is not installed here: studyportal.custody.\n"
