"""Measure the first view of the evening diary on a phone with a cold cache and a poor network: python -m
benchmarks.first_view [times]

Somebody is signed in and opens the form. Chromium is throttled by its own tools: 1.6 Mbit/s down and 0.75 up, 150 ms
for every request, a processor four times as slow (what Lighthouse calls a mid-range phone on slow 4G). Bytes are those
on the wire, heads included. "Usable" is when the first questions stand there and the form's script has answered. Beside
it stands a bare answer of the same server, a few lines of JSON. Then the taps are counted that an evening takes, from
Today to the receipt, keys typed included. Aims: under 200 kB, under 1.5 s, at most 15 taps. The server shares the
machine with the browser: believe the ratios.
"""

import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from benchmarks.serving import room
from studyportal.portal.rooms import ROOMS
from tests.chromium import chromium
from tests.journeys.cast import Participant, join
from tests.journeys.house import House
from tests.portal.processes import free_port

DOWN, UP, LATENCY, SLOWER = 1_600_000 / 8, 750_000 / 8, 150, 4  # bytes per second, milliseconds, times
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "service_workers": "block"}
TIMES = 5
# What somebody answers on an ordinary evening; a number is typed.
EVENING = {"pain_average": "4", "pain_worst": "6", "mood": "5", "hours_slept": "7", "flare": "no"}
FORM, BARE = "/diary/evening/1", "/manifest.webmanifest"
NEXT = "() => document.querySelector('form[data-keep] .actions.steps button:not([hidden])')?.checkVisibility()"


@dataclass(frozen=True)
class View:
    """What one address cost: bytes and requests, and seconds until it was painted and usable."""

    bytes: float
    requests: float
    painted: float
    usable: float


def main(times: int = TIMES) -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        house, port = House(Path(folder) / "instance"), free_port()
        file = house.folder / "intake.toml"
        file.write_text(file.read_text().replace(str(ROOMS["intake"].port), str(port)))
        house.run("site", "add", "NS", "Northside")
        people = join(house), join(house)
        with room("intake", house.folder), _closing(chromium(playwright)) as browser:
            origin = f"http://localhost:{port}"
            with _signed_in(browser, origin, people[0]) as phone:
                parts: dict[str, float] = {}
                form = _median([_view(phone, origin + FORM, _can_answer, parts) for _ in range(times)])
                bare = _median([_view(phone, origin + BARE, _has_come, {}) for _ in range(times)])
            with _signed_in(browser, origin, people[1]) as phone:
                taps, keys = _taps(phone, origin)
        house.close()
    for name, size in sorted(parts.items(), key=lambda one: -one[1]):
        print(f"{size / 1000:8.1f} kB  {name}")
    print(f"{'':16}{'kB':>8}{'requests':>10}{'painted s':>11}{'usable s':>10}")
    for name, one in (("evening form", form), ("bare answer", bare)):
        print(f"{name:16}{one.bytes / 1000:8.1f}{one.requests:10.0f}{one.painted:11.2f}{one.usable:10.2f}")
    print(f"{'ratio':16}{form.bytes / bare.bytes:8.1f}{form.requests:10.0f}{'':11}{form.usable / bare.usable:10.2f}")
    print(f"an evening diary: {taps} taps and {keys} keys, {taps + keys} together")


@contextmanager
def _closing(browser: Browser) -> Iterator[Browser]:
    yield browser
    browser.close()


@contextmanager
def _signed_in(browser: Browser, origin: str, person: Participant) -> Iterator[BrowserContext]:
    context = browser.new_context(**PHONE)
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.goto(f"{origin}/sign-in")
    page.fill("main [name=code]", person.code)
    page.fill("main [name=passphrase]", person.passphrase)
    page.get_by_label("Stay signed in").first.check()
    page.click("main button[type=submit]")
    page.wait_for_url(f"{origin}/")
    page.close()
    yield context
    context.close()


def _view(context: BrowserContext, address: str, ready: Callable[[Page], None], parts: dict[str, float]) -> View:
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.clearBrowserCache")
    limits = {"offline": False, "latency": LATENCY, "downloadThroughput": DOWN, "uploadThroughput": UP}
    tools.send("Network.emulateNetworkConditions", limits)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    names: dict[str, str] = {}
    sizes: dict[str, float] = {}
    tools.on("Network.requestWillBeSent", lambda one: names.update({one["requestId"]: one["request"]["url"]}))
    tools.on("Network.loadingFinished", lambda one: sizes.update({one["requestId"]: one["encodedDataLength"]}))
    page.goto(address, wait_until="commit")
    ready(page)
    usable = page.evaluate("performance.now()") / 1000
    page.wait_for_load_state("networkidle")
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0") / 1000
    parts.update({urlsplit(names[one]).path: size for one, size in sizes.items()})
    found = View(sum(sizes.values()), len(sizes), painted, usable)
    page.close()
    return found


def _can_answer(page: Page) -> None:
    page.wait_for_function(NEXT)


def _has_come(page: Page) -> None:
    page.wait_for_load_state("load")


def _median(views: list[View]) -> View:
    return View(*(statistics.median(column) for column in zip(*map(astuple, views), strict=True)))


def _taps(context: BrowserContext, origin: str) -> tuple[int, int]:
    """Write the evening diary from Today on; how often the glass was touched, and how many keys were typed."""
    page, left, taps, keys = context.new_page(), dict(EVENING), 0, 0
    page.goto(origin)
    page.locator('a[href^="/diary/evening"]').first.tap()
    page.wait_for_function(NEXT)
    taps += 1
    while True:
        for name in [name for name in left if page.locator(f"[name={name}]").first.is_visible()]:
            value = left.pop(name)
            choice = page.locator(f'input[type=radio][name={name}][value="{value}"]')
            if choice.count():
                choice.tap()
            else:
                page.locator(f"[name={name}]").tap()
                page.keyboard.type(value)
                keys += len(value)
            taps += 1
        save = page.get_by_role("button", name="Save the entry")
        taps += 1
        if save.is_visible():
            save.tap()
            expect(page.locator("main h1")).to_have_text("It is kept")
            return taps, keys
        page.get_by_role("button", name="Next").tap()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
