"""Let those leave who leave: intake takes the request at its time, custody's worker carries it through."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from studyportal.custody.settings import CustodySettings
from studyportal.intake.withdrawal.actions import withdraw
from studyportal.portal.composing import handlers
from studyportal.portal.demo.entries import left_at, started_on
from studyportal.portal.demo.generator import SyntheticPerson
from studyportal.portal.demo.past import Study
from studyportal.portal.demo.places import SITES
from studyportal.portal.leasing import work_once


def ask_to_leave(leaving: Sequence[SyntheticPerson], enrolments: Mapping[int, UUID], study: Study) -> int:
    """Ask for what each chose, from every scope that the study needs; how many."""
    (scope, *_) = sorted(study.protocol.consent.required)
    for person in leaving:
        asked_at = left_at(person, started_on(person, study.today), SITES[person.site].zone)
        assert asked_at is not None
        withdraw(enrolments[person.index], scope, person.withdrawal, form=study.protocol.consent, now=asked_at)
    return len(leaving)


def work_off(settings: CustodySettings, *, say: Callable[[str], None], now: datetime) -> int:
    """Do all that waits for custody; how many pieces of work. A piece that fails waits for the worker of `serve`."""
    doing, done = handlers("custody"), 0
    while work_once(settings, doing=doing, say=say, now=now):
        done += 1
    return done
