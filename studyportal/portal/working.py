"""Do what the registry's outbox asks of custody; fold fresh entries, look for alerts that wait and for reminders that
are due, forget work that was done long ago, each on a rhythm.

Any number of these loops may run, on any number of machines: a lease keeps two of them from the same work.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from studyportal import clock
from studyportal.audit import Actor
from studyportal.custody.compaction.actions import compact
from studyportal.custody.delivery.escalation import LOOK_EVERY, escalate
from studyportal.custody.opening.key_file import load_keys
from studyportal.custody.reminders.looking import look_for_due, working_ways
from studyportal.custody.settings import CustodySettings
from studyportal.custody.spreading.workers import workers_of
from studyportal.custody.worker import PATIENT
from studyportal.errors import Refusal
from studyportal.portal.composing import handlers
from studyportal.portal.leasing import forget_done, work_once
from studyportal.protocol import load_protocol

WORKER = Actor("custody", "worker", "worker")
# Entries stand alone for so long at most; while they do, bulk reading is 20 times slower for them.
COMPACT_EVERY = timedelta(hours=1)
REST = 1.0


def work_until(
    settings: CustodySettings,
    *,
    stopped: Callable[[float], bool],
    say: Callable[[str], None],
    tell_time: Callable[[], datetime] = clock.now,
    fold_every: timedelta = COMPACT_EVERY,
) -> None:
    """Work until `stopped(seconds)`, which also rests that long, answers True."""
    doing = handlers("custody")
    patient = {kind: handle for kind, handle in doing.items() if kind in PATIENT}
    urgent = {kind: handle for kind, handle in doing.items() if kind not in PATIENT}
    next_fold = next_look = next_forgetting = tell_time()
    while True:
        now = tell_time()
        if now >= next_look:
            next_look = now + LOOK_EVERY
            look_for_waiting(settings, say=say, now=now)
            look_for_reminders(settings, say=say, now=now)
        if any(work_once(settings, doing=kinds, say=say, now=now) for kinds in (urgent, patient)):
            if stopped(0.0):
                return
            continue
        if now >= next_fold:
            next_fold = now + fold_every
            fold(settings, say=say, now=now)
        if now >= next_forgetting:
            next_forgetting = forget_done(now=now)
        if stopped(REST):
            return


def fold(settings: CustodySettings, *, say: Callable[[str], None], now: datetime) -> None:
    """Fold what stands alone. A refusal (a wrong key file, say) is told; the next turn tries again."""
    began = time.monotonic()
    try:
        keys, protocol = load_keys(settings.key_file), load_protocol(settings.protocol)
        workers = workers_of(settings.scheduler)
        done = compact(keys=keys, protocol=protocol, actor=WORKER, now=now, workers=workers)
    except Refusal as refusal:
        say(f"Folding has to wait: {refusal.sentence}")
        return
    if done.folded or done.quarantined:
        seconds = time.monotonic() - began
        say(
            f"Folded {done.folded} entries in {seconds:.1f} s; {done.quarantined} could not be opened and were set aside."
        )


def look_for_waiting(settings: CustodySettings, *, say: Callable[[str], None], now: datetime) -> None:
    """Want mails about urgent alerts that wait too long. What goes wrong is told; the next turn tries again."""
    try:
        wanted = escalate(settings.mail, actor=WORKER, now=now)
    except Exception as failure:  # noqa: BLE001 - whatever it was: the other work must go on
        say(f"Alerts that wait could not be looked for ({type(failure).__name__}).")
        return
    if wanted:
        say(f"Mails about alerts that wait, to be sent: {wanted}.")


def look_for_reminders(settings: CustodySettings, *, say: Callable[[str], None], now: datetime) -> None:
    """Want reminders of what is due. What goes wrong is told; the next turn tries again."""
    try:
        ways = working_ways(settings.mail, settings.push)
        wanted = look_for_due(load_protocol(settings.protocol), ways, now=now)
    except Exception as failure:  # noqa: BLE001 - whatever it was: the other work must go on
        say(f"Reminders could not be looked for ({type(failure).__name__}).")
        return
    if wanted:
        say(f"Reminders to be sent: {wanted}.")
