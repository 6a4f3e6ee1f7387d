"""Every room's staff arrive by invitation and look after their sign-in, each under the room's own database role."""

import re

import pytest

from studyportal.clock import now
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
