"""Find who does the work: this process, a pool of processes here, or the workers of a scheduler. The work is the same.

What a worker may hold, and for how long: the arguments of the tasks that it has been sent, while it has them. For a
part of a snapshot these are the block keys of that part's people, their sealed blocks, and the keys of the part's
files; for folding, the diary seeds of a parcel's people. Never: a key-encryption key, the signing key, the snapshot
key, the pseudonym secret, an address or a passphrase of a database. A worker writes nothing and reaches no database and
no shelf: it gives back what is sealed already. Python cannot promise to overwrite memory; what ends the holding for
good is the end of the process. So a pool lives for one publication or one folding and ends with the process that hired
it, however that ends; workers of a scheduler are to be started and ended with the same care as custody itself
(docs/operating.md): as its user, on machines like its own, with encrypted or no swap.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TypeVar

from studyportal.custody.spreading.settings import SchedulerSettings
from studyportal.errors import Unavailable
from studyportal.protocol import Protocol
from studyportal.protocol.versions import Sources, from_sources, sources_of

T, R = TypeVar("T"), TypeVar("R")


# Seconds to wait for a scheduler.
PATIENCE = 10


class Here(Executor):
    """Does the work at once, in this process."""

    def submit(self, work: Callable[..., R], /, *given: object, **named: object) -> Future[R]:
        future: Future[R] = Future()
        try:
            future.set_result(work(*given, **named))
        except Exception as failure:  # noqa: BLE001 - it comes up where the result is asked for, as from any executor
            future.set_exception(failure)
        return future


@dataclass(frozen=True, slots=True)
class Workers:
    """Who there is: `processes` on this machine, or (if not None) the workers of a scheduler."""

    processes: int
    scheduler: SchedulerSettings | None

    @contextmanager
    def hired(self, tasks: int, *, worthwhile: int) -> Iterator[Executor]:
        """Who does so many tasks. `worthwhile` is how many it takes before starting processes here pays.

        Raises `Unavailable` when the scheduler does not answer: then nothing is done more slowly instead.
        """
        if tasks == 0 or (self.scheduler is None and (self.processes == 1 or tasks < worthwhile)):
            yield Here()
        elif self.scheduler is None:
            # Not forked: a copy of this process would hold all of its keys.
            many, spawn = min(self.processes, tasks), get_context("spawn")
            with ProcessPoolExecutor(many, mp_context=spawn, initializer=_end_with_parent) as pool:
                yield pool
        else:
            with _scheduled(self.scheduler) as executor:
                yield executor

    @property
    def ahead(self) -> int:
        """How many tasks are prepared before the first result is waited for; memory grows with it."""
        return 2 * self.processes if self.scheduler is None else 16


def _end_with_parent() -> None:
    """Without this, processes whose parent was killed would wait for work for ever, with keys in memory."""
    parent = parent_process()

    def wait() -> None:
        parent.join()
        os._exit(1)

    if parent is not None:
        Thread(target=wait, daemon=True).start()


ALONE = Workers(1, None)


def workers_of(scheduler: SchedulerSettings | None) -> Workers:
    """One process per core that this one may use, unless there is a scheduler."""
    return Workers(len(os.sched_getaffinity(0)), scheduler)


@contextmanager
def _scheduled(settings: SchedulerSettings) -> Iterator[Executor]:
    try:
        import dask
        from distributed import Client
        from distributed.security import Security
    except ImportError:
        raise Unavailable("A scheduler is configured, but the group `scale` of the package is not installed.") from None
    security = None
    if settings.ca_file is not None:
        files = {
            "tls_ca_file": settings.ca_file,
            "tls_client_cert": settings.certificate,
            "tls_client_key": settings.private_key,
        }
        security = Security(require_encryption=True, **{name: str(file) for name, file in files.items()})
    # A part is larger than what is usually sent with a task.
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}):
        try:
            client = Client(settings.address, security=security, set_as_default=False, timeout=PATIENCE)
        except (OSError, TimeoutError):
            raise Unavailable("The scheduler does not answer. Nothing has been published or folded.") from None
        with client, client.get_executor(pure=False, retries=2) as executor:
            yield executor


def in_order(
    executor: Executor, work: Callable[[T, Protocol], R], tasks: Iterable[T], *, protocol: Protocol, ahead: int
) -> Iterator[tuple[T, R]]:
    """Each task with the result of `work(task, protocol)`, in order.

    Tasks are taken only a few ahead, so that memory stays the same however many there are. What one raises comes up
    here, and what has not begun is called off.
    """
    waiting: list[tuple[T, Future[R]]] = []
    submit, ahead = _submitter(executor, work, protocol), 0 if isinstance(executor, Here) else ahead
    try:
        for task in tasks:
            waiting.append((task, submit(task)))
            while len(waiting) > ahead:
                first, future = waiting.pop(0)
                yield first, future.result()
        while waiting:
            first, future = waiting.pop(0)
            yield first, future.result()
    finally:
        for _, future in waiting:
            future.cancel()


def _submitter(executor: Executor, work: Callable[[T, Protocol], R], protocol: Protocol) -> Callable[[T], Future[R]]:
    if isinstance(executor, Here):
        return lambda task: executor.submit(work, task, protocol)
    # A protocol does not travel; its texts do, and each process reads them once.
    sources = sources_of(protocol)
    return lambda task: executor.submit(_elsewhere, work, task, sources)


def _elsewhere(work: Callable[[T, Protocol], R], task: T, sources: Sources) -> R:
    return work(task, _protocol(sources))


_protocol = lru_cache(maxsize=1)(from_sources)
