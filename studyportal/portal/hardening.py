"""What a process gives up before it holds keys: core dumps, files that others can read, outliving its parent."""

import ctypes
import os
import resource
import signal

_PR_SET_PDEATHSIG = 1  # prctl(2), Linux


def harden() -> None:
    """No core dump could show a key. What is written may be read by the file's group at most: the shelf is shared
    so."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o027)


def end_with_parent() -> None:
    """Ask Linux to stop this process when its parent is gone, however the parent went; elsewhere it does nothing."""
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    except (AttributeError, OSError):
        return
