"""Take one piece of work out of an outbox, have it done, and mark it; give it back if it does not succeed.

The same for each room that works in the background: custody in the registry's, research in the workbench's.
A handler that fails gives its work back to be tried later; only the type of what went wrong is written down.
What was done long ago is deleted, a thousand rows at a time, so that nothing has to wait for it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from studyportal import outbox
from studyportal.database import writing
from studyportal.errors import Refusal
from studyportal.outbox import Work

FORGET_EVERY = timedelta(hours=1)


def work_once(
    settings: Any,
    *,
    doing: Mapping[str, Callable[..., Any]],
    say: Callable[[str], None],
    now: datetime,
    bind: str = "registry",
) -> bool:
    """Lease one piece of work from the outbox of `bind` and do it; False if there was none.

    Failures are given back, never raised.
    """
    with writing(bind) as connection:
        work = outbox.lease(connection, bind, list(doing), now=now)
    if work is None:
        return False
    try:
        doing[work.kind](work, settings=settings, now=now)
    except Exception as failure:  # noqa: BLE001 - whatever it was: the work must come again, and the loop must go on
        _give_back(work, failure, say, now, bind)
        return True
    with writing(bind) as connection:
        if not outbox.finish(connection, bind, work, now=now):
            say(f"{work.kind} {work.id} took longer than its lease; it will be done again.")
    return True


def _give_back(work: Work, failure: Exception, say: Callable[[str], None], now: datetime, bind: str) -> None:
    kind = type(failure).__name__
    with writing(bind) as connection:
        outbox.fail(connection, bind, work, kind, now=now)
    told = failure.sentence if isinstance(failure, Refusal) else kind
    say(f"{work.kind} {work.id} did not succeed ({told}) and will be tried again.")


def forget_done(*, now: datetime, bind: str = "registry") -> datetime:
    """Delete some of the work that was done long ago; when to come again: at once if there may be more."""
    with writing(bind) as connection:
        forgotten = outbox.forget_done(connection, bind, now=now)
    return now if forgotten == outbox.FORGOTTEN_AT_ONCE else now + FORGET_EVERY
