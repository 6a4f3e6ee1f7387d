"""Joining by an open link: a look takes no place, a signature does, and what happens on the way is counted, not who."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.database import reading, writing
from studyportal.intake.enrolment.places import link_of, way_by_link
from studyportal.registry.campaigns import add_campaign
from studyportal.registry.enrolment_tables import CAMPAIGNS, SCREENING_COUNTS
from studyportal.registry.screening import week_of
from studyportal.registry.tables import CONSENT_RECORDS, ENROLMENTS
from studyportal.web.sign_in.limiter import LIMITS
from tests.intake.conftest import NOW, Browser, hidden, inside
from tests.intake.test_pages import CHOICES, SCREENING, carried, count, shown

TOKEN = "Zk3vN0qTqW8aYH1xT9d2Lw"
LINK = f"/join/c/{TOKEN}"


@pytest.fixture
def link(room):
    """A link with one place, and the app."""
    _, app = room
    with app.app_context(), writing("registry") as connection:
        add_campaign(
            connection, uuid4(), TOKEN, site="NS", name="Poster", cap=1, ends_at=NOW + timedelta(days=9),
            opened_by="Cora", now=NOW,
        )  # fmt: skip
    return app


def to_consent(browser, screening=SCREENING):
    """From the link to the consent form: (page, what it carries, words)."""
    page = browser.post(LINK, {}).text
    page = browser.post("/join/screening", hidden(page) | screening, page=page).text
    words = " ".join(re.findall(r"<li>([a-z-]+)</li>", page))
    along = {"offer": re.search(r'name="offer" value="([^"]+)"', page)[1], "screening": carried(page)}
    return browser.post("/join/consent", along, page=page).text, along, words


def sign(browser, consent, along, words):
    return browser.post("/join/sign", CHOICES | along | {"text": shown(consent), "passphrase": words}, page=consent)


def change(app, **values):
    with app.app_context(), writing("registry") as connection:
        connection.execute(sa.update(CAMPAIGNS).values(**values))


def used(app):
    with app.app_context(), reading("registry") as connection:
        return connection.scalar(sa.select(CAMPAIGNS.c.used))


def events(app):
    with app.app_context(), reading("registry") as connection:
        rows = connection.execute(sa.select(SCREENING_COUNTS)).all()
    return {(row.site, row.week, row.what, row.reason): row.count for row in rows}


def test_a_look_takes_no_place_and_a_signature_does(link):
    browser = Browser(link)
    assert "Northside invites you" in browser.get(LINK).text

    consent, along, words = to_consent(browser)
    before = used(link)
    signed = sign(browser, consent, along, words)

    assert signed.status_code == 303
    assert (before, used(link), count(link, ENROLMENTS), count(link, CONSENT_RECORDS)) == (0, 1, 1, 1)


def test_of_two_who_sign_for_the_last_place_the_second_is_told_and_nothing_of_them_is_kept(link):
    first, second = Browser(link), Browser(link)
    ready, also = to_consent(first), to_consent(second)

    answers = [sign(browser, *page) for browser, page in ((first, ready), (second, also))]

    assert [one.status_code for one in answers] == [303, 409]
    assert "All places of this link are taken" in answers[1].text
    assert (used(link), count(link, ENROLMENTS)) == (1, 1)


@pytest.mark.parametrize(
    ("values", "status", "words"),
    [
        ({"closed_at": NOW, "closed_by": "Cora"}, 410, "closed this link"),
        ({"ends_at": NOW}, 410, "has ended"),
        ({"used": 1}, 409, "places of this link are taken"),
    ],
)
def test_a_link_that_lets_nobody_in_says_why_at_every_step(link, values, status, words):
    browser = Browser(link)
    page = to_consent(browser)
    change(link, **({"opened_at": NOW - timedelta(days=1)} | values))

    looked, signed = browser.get(LINK), sign(browser, *page)

    assert [looked.status_code, signed.status_code] == [status, status]
    assert words in looked.text and words in signed.text
    assert count(link, ENROLMENTS) == 0


@pytest.mark.parametrize("token", ["x", "x" * 5000, "%F0%9F%98%80", "..%2F..", "a%20b", "%00"])
def test_a_link_that_is_none_is_not_there(link, token):
    assert Browser(link).get(f"/join/c/{token}").status_code == 404


def test_who_guesses_links_is_stopped_and_who_has_one_is_not(link):
    browser = Browser(link)

    answers = [browser.get(f"/join/c/guess{number}").status_code for number in range(LIMITS["network"] + 2)]

    assert answers[-1] == 429 and answers[0] == 404
    assert browser.get(LINK).status_code == 200


def test_nobody_signs_with_the_answers_of_another_who_came_by_the_same_link(link):
    healthy, other = Browser(link), Browser(link)
    _, theirs, _ = to_consent(healthy)
    consent, along, words = to_consent(other)

    refused = sign(other, consent, along | {"screening": theirs["screening"]}, words)

    assert refused.status_code == 422 and used(link) == 0


def test_no_code_that_is_typed_becomes_a_link(link):
    way = way_by_link(TOKEN)

    answer = Browser(link).post("/join", {"code": way})

    assert answer.status_code == 422 and link_of(way) == TOKEN
    assert link_of("K7QM-2V9D-4HXT") is None


def test_what_happens_on_the_way_is_counted_and_who_it_was_is_not(room):
    study, app = room
    browser = Browser(app)
    for screening in (SCREENING, SCREENING | {"adult": "no"}, SCREENING | {"adult": ""}):
        page = browser.post("/join", {"code": inside(app, study.issue_code)}).text
        browser.post("/join/screening", hidden(page) | screening, page=page)
    browser.post("/join", {"code": "K7QM-2V9D-4HXT"})

    week, found = week_of(NOW.date()), events(app)

    assert {key: number for key, number in found.items() if key[2] != "reason"} == {
        ("NS", week, "looked", ""): 3,
        ("NS", week, "screened", ""): 2,
        ("NS", week, "not_eligible", ""): 1,
    }
    (reason,) = [key for key in found if key[2] == "reason"]
    assert reason[:2] == ("", 0) and reason[3] in {one.name for one in study.protocol.ineligibility}
    with app.app_context(), reading("registry") as connection:
        assert not connection.execute(sa.select(AUDIT_EVENTS["registry"])).all()
