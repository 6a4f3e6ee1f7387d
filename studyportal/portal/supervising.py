"""Keep child processes alive: start them, start again what crashed, stop all of them when told to.

Each child leads a process group of its own, so that nothing it started is left behind. A child that keeps crashing
is started after growing pauses; one that refuses to start says why itself.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from studyportal.portal.hardening import end_with_parent

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
# Whoever ran this long was well: the next crash counts as the first.
WELL_AFTER = 60.0
GRACE = 15.0
LOOK_EVERY = 0.2


def pause_before(crashes: int) -> float:
    """Seconds to wait before starting again what has crashed `crashes` times in a row: 1, 2, 4 ... 60."""
    return min(FIRST_PAUSE * 2 ** min(crashes - 1, 16), LONGEST_PAUSE)


@dataclass(slots=True)
class _Child:
    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    crashes: int = 0
    next_start: float = 0.0

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command,
            process_group=0,
            preexec_fn=end_with_parent,  # noqa: PLW1509 - it takes no lock that a thread of ours could hold
        )
        self.started = time.monotonic()

    def crashed(self) -> None:
        self.process = None
        well = time.monotonic() - self.started >= WELL_AFTER
        self.crashes = 1 if well else self.crashes + 1
        self.next_start = time.monotonic() + pause_before(self.crashes)

    def signal(self, number: int) -> None:
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return


def supervise(
    commands: Mapping[str, Sequence[str]],
    *,
    say: Callable[[str], None],
    started: Callable[[], None] = lambda: None,
    stop: threading.Event | None = None,
) -> None:
    """Run these until SIGTERM or SIGINT (or `stop` is set); `started` is called once after the first start."""
    stop = stop or threading.Event()
    former = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    children = [_Child(name, command) for name, command in commands.items()]
    try:
        for child in children:
            child.start()
        started()
        while not stop.wait(LOOK_EVERY):
            for child in children:
                _look_after(child, say)
    finally:
        _stop_all(children)
        for number, handler in former.items():
            signal.signal(number, handler)


def _look_after(child: _Child, say: Callable[[str], None]) -> None:
    if child.process is None:
        if time.monotonic() >= child.next_start:
            child.start()
    elif (code := child.process.poll()) is not None:
        child.signal(signal.SIGKILL)  # whatever of its group is left
        child.crashed()
        say(f"{child.name} ended with {code}; it starts again in {pause_before(child.crashes):.0f} s.")


def _stop_all(children: Sequence[_Child]) -> None:
    for child in children:
        child.signal(signal.SIGTERM)
    until = time.monotonic() + GRACE
    for child in children:
        if child.process is not None:
            try:
                child.process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.signal(signal.SIGKILL)
                child.process.wait()
            child.signal(signal.SIGKILL)
