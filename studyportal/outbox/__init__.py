"""Work to be done, written with the change that wants it. The outbox is the queue.

A row is leased, worked and finished with the lease's token, so that a worker that lost its lease changes nothing.
Handlers are idempotent; payloads are ids, never answers.
"""

from studyportal.outbox.queue import Work, fail, finish, lease, put, put_all, waiting

__all__ = ["Work", "fail", "finish", "lease", "put", "put_all", "waiting"]
