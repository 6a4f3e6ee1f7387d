"""Tell a signed-in participant of a reset that runs, on every page: who did not ask for it can stop it in time."""

from dataclasses import dataclass
from datetime import datetime

from flask import Flask, g

from studyportal import clock
from studyportal.database import reading
from studyportal.intake.enrolment.visitors import caller
from studyportal.registry.reset_states import has_lapsed
from studyportal.registry.resets import running_reset
from studyportal.web.access import visitor


@dataclass(frozen=True, slots=True)
class OwnReset:
    """How the reset stands, with the zone in which its participant lives."""

    state: str
    asked_at: datetime
    ready_at: datetime | None
    zone: str


def install_telling(app: Flask) -> None:
    """Let the room's banner ask."""
    app.jinja_env.globals["own_reset"] = own_reset


def own_reset() -> OwnReset | None:
    """The reset of whoever is signed in, while it runs; None for everybody else. Looked up once in a request."""
    found = visitor()
    if found is None or found.role != "participant":
        return None
    if "own_reset" not in g:
        enrolled = caller().enrolled
        with reading("registry", enrolment=enrolled.enrolment) as connection:
            row = running_reset(connection, enrolled.enrolment)
        runs = row is not None and not has_lapsed(row, now=clock.now())
        g.own_reset = OwnReset(row.state, row.asked_at, row.ready_at, enrolled.zone) if runs else None  # type: ignore[union-attr]
    return g.own_reset  # type: ignore[no-any-return]
