"""Count what happens on the way in, for the enrolment log: a look, a screening, a "not now". Who it was is not
known."""

from collections.abc import Callable
from datetime import datetime

from studyportal.database import writing
from studyportal.intake.joining.judging import Judged
from studyportal.registry.screening import count_event


def count_look(site: str, *, now: datetime) -> None:
    """A code or a link was looked at and would let its bearer in."""
    with writing("registry") as connection:
        count_event(connection, "looked", site=site, now=now)


def count_screening(site: str, *, now: datetime) -> Callable[[Judged], None]:
    """What counts one complete set of answers to the first questions: what follows from them, not what they say."""

    def note(judged: Judged) -> None:
        with writing("registry") as connection:
            count_event(connection, "screened", site=site, now=now)
            if judged.unfit:
                count_event(connection, "not_eligible", site=site, now=now, reasons=judged.unfit)

    return note
