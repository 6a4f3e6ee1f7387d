"""What crashes comes back after growing pauses; what is told to stop stops, with everything it started."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from studyportal.portal import supervising
from studyportal.portal.supervising import pause_before, supervise

STAYS = "import time; time.sleep(60)"


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def writes_pid(file: Path, then: str) -> list[str]:
    return python(f"import os; open({str(file)!r}, 'a').write(f'{{os.getpid()}}\\n'); {then}")


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie has ended; only nobody has asked for its exit code yet.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def wait_until(true, seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "this took too long"
        time.sleep(0.05)


def test_pauses_grow_to_a_minute():
    assert [pause_before(crashes) for crashes in (1, 2, 3, 6, 7, 1000)] == [1, 2, 4, 32, 60, 60]


def test_a_crashed_room_comes_back_and_the_others_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(supervising, "FIRST_PAUSE", 0.1)
    crashing, steady, stop, said = tmp_path / "crashing", tmp_path / "steady", threading.Event(), []

    def end_when_seen_twice() -> None:
        wait_until(lambda: crashing.exists() and len(crashing.read_text().split()) >= 2)
        stop.set()

    supervise(
        {"intake": writes_pid(crashing, "raise SystemExit(7)"), "clinic": writes_pid(steady, STAYS)},
        say=said.append,
        started=threading.Thread(target=end_when_seen_twice).start,
        stop=stop,
    )

    assert said[0].startswith("intake ended with 7")
    assert len(steady.read_text().split()) == 1
    assert not is_alive(int(steady.read_text()))


def test_whatever_a_room_started_ends_with_it(tmp_path):
    grandchild, stop = tmp_path / "grandchild", threading.Event()
    stubborn = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    code = (
        f"import signal, subprocess, sys, time; {stubborn};"
        f"subprocess.Popen({writes_pid(grandchild, f'import signal; {stubborn}; {STAYS}')!r}); time.sleep(60)"
    )

    def end_when_there() -> None:
        wait_until(lambda: grandchild.exists() and grandchild.read_text().strip())
        stop.set()

    former, supervising.GRACE = supervising.GRACE, 0.3
    try:
        supervise(
            {"custody": python(code)}, say=print, started=threading.Thread(target=end_when_there).start, stop=stop
        )
    finally:
        supervising.GRACE = former

    wait_until(lambda: not is_alive(int(grandchild.read_text())))


def supervisor(tmp_path: Path) -> tuple[subprocess.Popen, Path]:
    child = tmp_path / "child"
    code = f"from studyportal.portal.supervising import supervise; supervise({{'room': {writes_pid(child, STAYS)!r}}}, say=print)"
    process = subprocess.Popen(python(code), start_new_session=True)
    wait_until(lambda: child.exists() and child.read_text().strip())
    return process, child


def test_a_stop_signal_stops_all(tmp_path):
    process, child = supervisor(tmp_path)

    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=20) == 0
    assert not is_alive(int(child.read_text()))


def test_rooms_do_not_outlive_a_killed_supervisor(tmp_path):
    process, child = supervisor(tmp_path)

    process.kill()
    process.wait(timeout=20)

    wait_until(lambda: not is_alive(int(child.read_text())))
