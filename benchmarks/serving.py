"""Start a room, or the application that only says hello, as processes of their own, and end them again."""

import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

START_WITHIN = 30.0


@contextmanager
def running(command: Sequence[str], port: int) -> Iterator[None]:
    """The program, answering on its port; ended by its process id."""
    if _answers(port):
        raise RuntimeError(f"port {port} is taken by another program")
    process = subprocess.Popen(command, cwd=Path(__file__).parents[1])
    try:
        _wait(port)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def room(name: str, instance: Path) -> Iterator[int]:
    """A room of an instance; gives its port."""
    port = tomllib.loads((instance / f"{name}.toml").read_text())["port"]
    with running(
        [sys.executable, "-m", "studyportal.portal.command_line", "room", name, "--instance", str(instance)], port
    ):
        yield port


@contextmanager
def hello(*, port: int, workers: int, threads: int) -> Iterator[int]:
    """Flask saying hello on gunicorn, with as many workers and threads as the room has."""
    server = ["gunicorn", "--workers", str(workers), "--threads", str(threads), "--bind", f"127.0.0.1:{port}"]
    with running([sys.executable, "-m", *server, "--log-level", "error", "benchmarks.hello:app"], port):
        yield port


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait(port: int) -> None:
    until = time.monotonic() + START_WITHIN
    while not _answers(port):
        if time.monotonic() > until:
            raise TimeoutError(f"nothing answers on port {port}")
        time.sleep(0.1)
