"""Every room tells strangers about privacy, accessibility, help and its state, in the study's own words."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from studyportal.database import db
from studyportal.portal.rooms import ROOMS
from tests.journeys.house import House, readable


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("house"))


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_the_notices_in_its_foot_and_anybody_may_read_them(house: House, room: str) -> None:
    browser = house.browser(room)
    browser.get("/sign-in")
    foot = browser.page.split("<footer")[1]

    for page in ("help", "privacy", "accessibility", "status"):
        assert f'href="/{page}"' in foot
        browser.get(f"/{page}")


def test_the_privacy_notice_is_the_one_of_the_study(house: House) -> None:
    browser = house.browser("intake")
    browser.get("/privacy")

    for section in house.protocol.notices.privacy:
        assert section.heading in readable(browser.page)


def test_the_status_says_which_part_does_not_answer_and_not_why(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    room = house.rooms["custody"]
    with room.app_context():
        broken = sa.create_engine(f"sqlite:///{Path('/nowhere/else.sqlite')}")
        monkeypatch.setitem(db.engines, "keyring", broken)
    browser = house.browser("custody")

    browser.get("/status", status=503)

    assert "The store of keys ▲ Does not answer" in readable(browser.page)
    assert "nowhere" not in browser.page
