"""Real processes of rooms, as `studyportal room` starts them."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from studyportal.portal.making import Wanted, make_instance
from studyportal.portal.rooms import ROOMS
from studyportal.portal.settings import read_settings
from studyportal.protocol import SHIPPED
from tests.portal.cast import NOW

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def instance_on_free_ports(folder: Path) -> dict[str, int]:
    """Make an instance in `folder` whose rooms do not disturb what else runs here; room -> port."""
    make_instance(Wanted(folder, SHIPPED.read_text(), "mcp-1.yaml", synthetic=False), now=NOW)
    ports = {room: free_port() for room in ROOMS}
    for room, port in ports.items():
        file = folder / f"{room}.toml"
        file.write_text(file.read_text().replace(str(ROOMS[room].port), str(port)))
    return ports


def copy_without(folder: Path, gone: tuple[str, ...]) -> Path:
    """A copy of the package in which parts of the building do not exist; the folder to start Python in."""
    shutil.copytree(ROOT / "studyportal", folder / "studyportal", ignore=shutil.ignore_patterns("__pycache__"))
    for name in gone:
        shutil.rmtree(folder / "studyportal" / name)
    return folder


@contextmanager
def running(
    room: str, instance: Path, *, port: int, tree: Path = ROOT, env: dict[str, str] | None = None
) -> Iterator[subprocess.Popen]:
    """A room that answers, stopped afterwards."""
    command = [sys.executable, "-m", "studyportal.portal.command_line", "room", room, "--instance", str(instance)]
    environment = os.environ | {"PYTHONPATH": str(tree)} | (env or {})
    process = subprocess.Popen(
        command, cwd=tree, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, process_group=0
    )
    try:
        until = time.monotonic() + 60
        while not _answers(port):
            assert process.poll() is None, process.communicate()[0].decode()
            assert time.monotonic() < until, "the room does not answer"
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stdout.close()


def _answers(port: int) -> bool:
    try:
        requests.get(f"http://localhost:{port}/", timeout=5)
    except (requests.ConnectionError, requests.Timeout):  # it listens before it has read the study
        return False
    return True


@contextmanager
def desk_running(instance: Path) -> Iterator[subprocess.Popen]:
    """The reading desk, listening; stopped afterwards."""
    command = [sys.executable, "-m", "studyportal.portal.command_line", "desk", "--instance", str(instance)]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, process_group=0)
    path = read_settings("custody", instance).desk
    try:
        until = time.monotonic() + 60
        while not _listens(path):
            assert process.poll() is None
            assert time.monotonic() < until, "the desk does not answer"
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0
