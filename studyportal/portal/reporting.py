"""Do what the workbench's outbox asks of the research room: its reports; forget what was done long ago.

Any number of these loops may run.
"""

from collections.abc import Callable
from datetime import datetime

from studyportal import clock
from studyportal.portal.composing import handlers
from studyportal.portal.leasing import forget_done, work_once
from studyportal.research.settings import ResearchSettings

REST = 1.0


def report_until(
    settings: ResearchSettings,
    *,
    stopped: Callable[[float], bool],
    say: Callable[[str], None],
    tell_time: Callable[[], datetime] = clock.now,
) -> None:
    """Work until `stopped(seconds)`, which also rests that long, answers True."""
    doing = handlers("research")
    next_forgetting = tell_time()
    while True:
        now = tell_time()
        done = work_once(settings, doing=doing, say=say, now=now, bind="workbench")
        if not done and now >= next_forgetting:
            next_forgetting = forget_done(now=now, bind="workbench")
        if stopped(0.0 if done else REST):
            return
