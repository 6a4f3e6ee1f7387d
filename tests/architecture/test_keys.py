"""Each key exists only where its room runs: the memory of the running rooms is searched for the keys of the others."""

import base64
import os
import re
from pathlib import Path

import pytest
import requests

from studyportal.custody.opening.key_file import load_keys
from studyportal.portal.settings import read_settings
from tests.portal.processes import instance_on_free_ports, running

# room -> the secrets that it must hold; every other secret of the instance must be absent
OWN = {
    "intake": {"intake.secret_key", "intake.receipt_key"},
    "clinic": {"clinic.secret_key"},
    "research": {
        "research.secret_key",
        "research.export_key",
        "research.noise_secret",
        "custody.snapshot",  # it opens published snapshots, and nothing else
    },
}


def secrets_of(instance: Path) -> dict[str, bytes]:
    """Every secret of an instance by a name, raw."""
    found = {}
    for room, fields in {
        "intake": ("secret_key", "receipt_key"),
        "clinic": ("secret_key",),
        "custody": ("secret_key",),
        "research": ("secret_key", "export_key", "noise_secret"),
    }.items():
        settings = read_settings(room, instance, environment={})
        found |= {f"{room}.{field}": base64.b64decode(getattr(settings, field)) for field in fields}
    keys = load_keys(instance / "custody-keys.json")
    found |= {f"custody.{name}": getattr(keys, name) for name in ("signing", "pseudonym", "snapshot")}
    found["custody.push"] = read_settings("custody", instance, environment={}).push.raw_key
    for generation in keys.generations:
        found |= {"custody.kek": generation.kek.raw, "custody.transport": generation.transport.seed}
    return found


def group_of(process: int) -> list[int]:
    """A gunicorn master and its workers."""
    everybody = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return [pid for pid in everybody if _group(pid) == process]


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def memory(pid: int) -> bytes:
    """What a process has written: its private writable memory."""
    pieces = []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as held:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            area = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if area:
                begin, end = int(area[1], 16), int(area[2], 16)
                try:
                    held.seek(begin)
                    pieces.append(held.read(end - begin))
                except OSError:
                    continue  # an area that the kernel keeps to itself
    return b"\n".join(pieces)


def spellings(secret: bytes) -> list[bytes]:
    return [secret, base64.b64encode(secret), secret.hex().encode()]


@pytest.mark.parametrize("room", OWN)
def test_a_room_holds_its_own_keys_and_nobody_elses(room, tmp_path):
    instance = tmp_path / "instance"
    port = instance_on_free_ports(instance)[room]
    secrets = secrets_of(instance)

    with running(room, instance, port=port) as process:
        requests.get(f"http://localhost:{port}/sign-in", timeout=20)
        everything = b"\n".join(memory(pid) for pid in group_of(process.pid))

    present = {name for name, secret in secrets.items() if any(spelt in everything for spelt in spellings(secret))}
    assert len(secrets) == 13
    assert present == OWN[room]
