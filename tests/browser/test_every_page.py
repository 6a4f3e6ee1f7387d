"""Every page of every room on a phone: nothing sticks out, nothing comes from elsewhere, everybody can use it."""

import pytest

from tests.browser.addresses import NO_PAGES, PAGES, Visit
from tests.browser.looking import Watched

VISITS = [(room, endpoint, visit) for (room, endpoint), visits in PAGES.items() for visit in visits]


def test_every_address_of_every_room_is_a_page_that_is_looked_at_or_says_why_not(place):
    rooms = place.house.rooms

    known = {
        (room, rule.endpoint)
        for room, app in rooms.items()
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods
    }

    assert known == PAGES.keys() | NO_PAGES.keys()
    assert not PAGES.keys() & NO_PAGES.keys()


def say_what_for(page):
    """What the clinic asks before it shows what somebody has written; the answer that comes then."""
    page.click("main .choice label")
    with page.expect_navigation() as came:
        page.click("main button[type=submit]")
    return came.value


@pytest.mark.parametrize(
    ("room", "endpoint", "visit"), VISITS, ids=[f"{room}-{endpoint}-{visit.role}" for room, endpoint, visit in VISITS]
)
def test_a_page_fits_a_phone_stays_at_home_and_can_be_used_by_everybody(place, phone, room, endpoint, visit: Visit):
    watched = Watched(phone(visit.role))
    page = watched.page

    answer = page.goto(place.origin(room) + visit.path.format(link=place.link))
    for link in visit.links:
        address = page.locator(link).first.get_attribute("href")
        answer = page.goto(place.origin(room) + address)
        if "/visit?" in page.url and "/visit?" not in address:
            answer = say_what_for(page)

    assert answer.status == 200
    assert watched.flaws() == []
    # Staff work at wide screens; participants may hold anything, and see little.
    assert room != "intake" or watched.flaws_when_narrow() == []
    page.close()
