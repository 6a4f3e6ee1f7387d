"""Work to be done, written with the change that wants it. The outbox is the queue.

A row is leased, worked and finished with the lease's token, so that a worker that lost its lease changes nothing.
Handlers are idempotent; payloads are ids, never answers. Work that is done is deleted after a month.
"""

from studyportal.outbox.queue import (
    FORGOTTEN_AT_ONCE,
    KEPT,
    Work,
    fail,
    finish,
    forget_done,
    lease,
    put,
    put_all,
    waiting,
)

__all__ = ["FORGOTTEN_AT_ONCE", "KEPT", "Work", "fail", "finish", "forget_done", "lease", "put", "put_all", "waiting"]
