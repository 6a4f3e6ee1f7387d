"""A room as a real process: where it listens, what it gave up, and how it answers what is no HTTP."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from studyportal.portal.settings import read_settings
from studyportal.web.guard import SECURITY_HEADERS
from tests.portal.processes import ROOT, instance_on_free_ports, running


@pytest.fixture(scope="module")
def research(tmp_path_factory):
    """A running research room: its port and process."""
    folder = tmp_path_factory.mktemp("serving") / "instance"
    port = instance_on_free_ports(folder)["research"]
    # Gunicorn would take orders from here; ours must not.
    with running("research", folder, port=port, env={"GUNICORN_CMD_ARGS": "--bind 0.0.0.0:1 --reload"}) as process:
        yield port, process


def said_to(port: int, raw: bytes) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer.decode("latin-1")


MALFORMED = [
    (b"MARKED GARBAGE\r\n\r\n", 400),
    (b"GET /MARKED" + b"x" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    (b"GET / HTTP/1.1\r\nMARKED HEADER\r\n\r\n", 400),
    (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: MARKED\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-Marked: MARKED\r\n" * 300 + b"\r\n", 431),
]


@pytest.mark.parametrize(("raw", "status"), MALFORMED, ids=[str(raw[:20]) for raw, _ in MALFORMED])
def test_what_is_no_http_is_refused_with_the_same_headers_and_without_echo(raw, status, research):
    answer = said_to(research[0], raw)

    assert answer.startswith(f"HTTP/1.1 {status} ")
    for name, value in SECURITY_HEADERS:
        assert f"\r\n{name}: {value}\r\n" in answer
    assert "MARKED" not in answer


def test_it_listens_on_this_machine_only(research):
    lines = Path("/proc/net/tcp").read_text().splitlines() + Path("/proc/net/tcp6").read_text().splitlines()

    listening = [line.split()[1] for line in lines[1:] if line.split()[3] == "0A"]

    assert [address for address in listening if address.endswith(f":{research[0]:04X}")] == [
        f"0100007F:{research[0]:04X}"
    ]


def test_a_forwarded_address_or_scheme_is_not_believed(research):
    claims = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example"}

    page = requests.get(f"http://localhost:{research[0]}/sign-in", headers=claims, timeout=10)

    assert page.status_code == 200
    assert "evil.example" not in page.text


def test_it_dumps_no_core(research):
    limits = Path(f"/proc/{research[1].pid}/limits").read_text()

    assert [line.split()[-3:-1] for line in limits.splitlines() if line.startswith("Max core")] == [["0", "0"]]


def test_a_room_that_cannot_start_says_why_in_one_line(tmp_path):
    instance_on_free_ports(tmp_path / "instance")
    (tmp_path / "instance" / "workbench.sqlite").unlink()

    refused = subprocess.run(
        [sys.executable, "-m", "studyportal.portal.command_line", "room", "research", "--instance", tmp_path / "instance"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "databases.workbench is not there" in refused.stderr


def test_all_rooms_serve_and_stop_together(tmp_path):
    ports = instance_on_free_ports(tmp_path / "instance")
    command = [
        sys.executable,
        "-m",
        "studyportal.portal.command_line",
        "serve",
        "--instance",
        str(tmp_path / "instance"),
    ]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    )

    said = []
    while not said or "Stop with" not in said[-1]:
        said.append(process.stdout.readline())
        assert said[-1], f"serve ended: {said}"
    pages = {
        room: requests.get(f"http://localhost:{port}/sign-in", timeout=20).status_code for room, port in ports.items()
    }
    process.send_signal(signal.SIGTERM)

    assert pages == dict.fromkeys(ports, 200), said
    assert process.wait(timeout=40) == 0
    process.stdout.close()
    for room, port in ports.items():
        assert read_settings(room, tmp_path / "instance", environment={}).origin == f"http://localhost:{port}"
        with pytest.raises(requests.ConnectionError):
            requests.get(f"http://localhost:{port}/", timeout=5)
