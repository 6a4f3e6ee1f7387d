"""Every room's staff arrive by invitation and look after their sign-in, each under the room's own database role."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from studyportal.clock import now
from studyportal.custody.staff.actions import end
from studyportal.custody.staff.people import colleagues
from studyportal.errors import NotAllowed
from studyportal.portal.inside import databases_of, inside
from studyportal.web.sign_in import totp
from tests.journeys.house import Browser, House, on_postgresql

WORDS, OTHER_WORDS = "marble-cactus-violin-harbor", "another-river-lantern-pepper"


@pytest.fixture(scope="module")
def house(tmp_path_factory, postgresql):
    with on_postgresql(tmp_path_factory.mktemp("staff") / "instance", postgresql) as made:
        made.run("site", "add", "NS", "Northside")
        yield made


def key_on(page: str) -> str:
    """The key that a page shows for an authenticator app."""
    return re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")


def follow(house: House, room: str, *command: str) -> tuple[Browser, list[str]]:
    """Follow an invitation with an authenticator app; the browser, and the recovery codes."""
    token = house.run("staff", "invite", *command).strip().splitlines()[-1].partition("#")[2]
    browser = house.browser(room)
    browser.get("/welcome")
    browser.follow(browser.post("/welcome", invitation=token, passphrase=WORDS, again=WORDS))
    code = totp.code_of(key_on(browser.page), totp.step_at(now()))
    browser.post("/welcome/factor", status=200, code=code)
    return browser, re.search(r'id="codes">([^<]+)<', browser.page)[1].split()


@pytest.mark.parametrize(
    ("room", "role", "more"),
    [
        ("clinic", "coordinator", ("--site", "NS")), ("custody", "administrator", ()), ("custody", "auditor", ()),
        ("research", "researcher", ()),
    ],
)  # fmt: skip
def test_somebody_new_begins_and_looks_after_their_sign_in(house, room, role, more):
    name = f"Eve {role}"
    browser, codes = follow(house, room, name, "--role", role, *more)
    browser.get("/your-sign-in/app")
    browser.post("/your-sign-in/app", name="Second", code=totp.code_of(key_on(browser.page), totp.step_at(now())))
    browser.get("/your-sign-in")
    first, second = re.findall(r'href="(/your-sign-in/factors/[0-9a-f-]+)"', browser.page)
    browser.get(first)
    browser.post(first, name="First")
    browser.get(first)
    browser.post(f"{first}/remove")
    browser.get(second)
    browser.post(f"{second}/remove", status=409)
    browser.get("/your-sign-in/passphrase")
    browser.post("/your-sign-in/passphrase", passphrase=OTHER_WORDS, again=OTHER_WORDS)
    browser.get("/step-up?next=/your-sign-in")
    browser.follow(browser.post("/step-up?next=/your-sign-in", step_up_code=codes[0]))
    browser.post("/your-sign-in/codes", status=200)
    fresh = re.search(r'id="codes">([^<]+)<', browser.page)[1].split()
    browser.post("/sessions/end")

    browser.get("/sign-in")
    browser.follow(browser.post("/sign-in", name=name, passphrase=OTHER_WORDS))
    browser.post("/sign-in/second", status=401, code=codes[1])
    browser.post("/sign-in/second", code=fresh[0])

    browser.get("/your-sign-in")
    assert name in browser.page and "9 are left" in browser.page


def test_somebody_who_lost_everything_is_invited_again(house):
    follow(house, "research", "Frank", "--role", "researcher")
    browser, _ = follow(house, "research", "Frank", "--role", "researcher", "--again")

    browser.get("/")

    assert "Frank" in browser.page
    house.run("staff", "end", "Frank", "--role", "researcher")
    browser.get("/your-sign-in", status=303)


def test_an_administrator_does_everything_under_custodys_own_role(house):
    ada = house.staff("custody", "Ada Admin", "administrator")
    for role, site in (("clinician", "NS"), ("researcher", ""), ("auditor", "")):
        ada.get("/staff/new")
        ada.post("/staff/new", status=200, name=f"Gil {role}", role=role, site=site)
        ada.get("/staff/")
        (id,) = re.findall(rf'href="/staff/([0-9a-f-]+)"><bdi>Gil {role}<', ada.page)
        ada.get(f"/staff/{id}/invite")
        ada.post(f"/staff/{id}/invite", status=200)
        ada.get(f"/staff/{id}")
        ada.post(f"/staff/{id}/take-back")
        ada.get(f"/staff/{id}")
        ada.post(f"/staff/{id}/sessions")
        ada.get(f"/staff/{id}/end")
        ada.post(f"/staff/{id}/end", word=f"Gil {role}")
    ada.get("/sites/NS")
    ada.post("/sites/NS", name="North", address="care@clinic.example", after="20")

    assert ada.get("/staff/").text.count(">Gil ") == 3 and "care@clinic.example" in ada.get("/sites/").text


def test_of_two_administrators_who_end_each_other_at_once_one_stays(house):
    for name in ("Ben", "Cem"):
        house.account(f"{name} Admin", "administrator")
    with inside("custody", house.folder) as settings:
        ben, cem = (one.id for one in colleagues(now=now()) if one.name in ("Ben Admin", "Cem Admin"))
    both, gate = {ben: cem, cem: ben}, Barrier(2)

    def ends(me):
        with databases_of(settings.databases):
            gate.wait()
            try:
                end(both[me], administrator=me, now=now())
            except NotAllowed:
                return "refused"
            return "ended"

    with ThreadPoolExecutor(2) as threads:
        outcomes = sorted(threads.map(ends, both))

    assert outcomes == ["ended", "refused"]
    with inside("custody", house.folder):
        assert sum(one.ended_on is None for one in colleagues(now=now()) if one.id in both) == 1
