"""People for the reading desk: a participant with entries, a clinician of her site, and passes."""

import re
from uuid import UUID

import sqlalchemy as sa

from studyportal.database import reading
from studyportal.desk import Desk, Pass
from studyportal.portal.inside import inside
from studyportal.registry.tables import ENROLMENTS
from tests.journeys.cast import Participant
from tests.journeys.house import Browser, House


def enrolment_of(house: House, her: Participant) -> UUID:
    """The id behind a participant's code."""
    with inside("custody", house.folder), reading("registry") as connection:
        return connection.scalar(sa.select(ENROLMENTS.c.id).where(ENROLMENTS.c.participant_code == her.code))


def pass_of(browser: Browser, purpose: str = "review") -> Pass:
    """What the clinic shows for the session of a browser."""
    cookie = browser._client.get_cookie("__Host-clinic")
    return Pass(cookie.value, purpose)


def desk_of(house: House) -> Desk:
    """The desk as the clinic has it."""
    return house.rooms["clinic"].extensions["studyportal.desk"]


def visiting(browser: Browser, enrolment: UUID, purpose: str = "review") -> str:
    """Begin a visit and read the timeline; the page."""
    browser.get(f"/participants/{enrolment}/visit")
    browser.follow(browser.post(f"/participants/{enrolment}/visit", purpose=purpose))
    assert re.search(r"<h1>", browser.page)
    return browser.page
