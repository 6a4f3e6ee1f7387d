"""Look at a page as a person would who is strict: what is wrong with it, in sentences."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

# WCAG 2.2 AA and axe's own good practice; https://github.com/dequelabs/axe-core/blob/develop/doc/API.md
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# What the dark dress can change.
COLOURS = {"type": "rule", "values": ["color-contrast"]}

# What a thumb must hit: 44 px, WCAG 2.5.5 and Apple's guidelines.
TARGET = 44
PRIMARY = "main .btn, main .as-link, nav a, main .form-control, main .form-select, main .choice label, main .step label, summary"

MEASURE = """([selector, target]) => [...document.querySelectorAll(selector)]
  .filter((one) => one.checkVisibility() && !one.closest(".visually-hidden"))
  .map((one) => [one.textContent.trim().slice(0, 40) || one.name, one.getBoundingClientRect()])
  .filter(([, box]) => box.height < target - 0.5 || box.width < target - 0.5)
  .map(([words, box]) => `${words}: ${Math.round(box.width)} x ${Math.round(box.height)}`)"""

# What moves though the person asked for no motion (WCAG 2.3.3).
MOVES = """() => [...document.querySelectorAll("body, body *")].filter((one) => {
    const { animationName, transitionDuration } = getComputedStyle(one);
    return animationName !== "none" || transitionDuration.split(",").some((time) => parseFloat(time) > 0);
  }).map((one) => one.outerHTML.slice(0, 80))"""

# CSS px: what WCAG 1.4.10 asks of every page, a window of 640 px at 200 % zoom; and a phone of 390 px at 200 %.
NARROW = (320, 195)
BEYOND = """() => [...document.querySelectorAll("body *")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
  .map((one) => one.outerHTML.slice(0, 90))"""

WIDER = """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""


class Watched:
    """A page of a context, with everything that it asks for and complains about written down."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.said: list[str] = []
        self._asked: set[str] = set()
        self.page.on("console", lambda message: self._heard(message.type, message.text))
        self.page.on("pageerror", lambda error: self.said.append(f"script error: {error}"))
        self.page.on("request", lambda request: self._asked.add(request.url))

    def _heard(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.said.append(f"console: {text}")

    def flaws(self) -> list[str]:
        """Everything that is wrong with the page shown, in light and in dark."""
        self.page.wait_for_load_state()
        return [*self.said, *self._of_frame(), *self._of_access()]

    def _of_frame(self) -> Iterator[str]:
        page, here = self.page, urlsplit(self.page.url)
        for url in self._asked:
            asked = urlsplit(url)
            if asked.scheme != "data" and (asked.scheme, asked.netloc) != (here.scheme, here.netloc):
                yield f"asks another origin: {asked.netloc}"
        if page.evaluate(WIDER) > 0:
            yield f"is {page.evaluate(WIDER)} px wider than the phone"
        headings = page.locator("main h1")
        if headings.count() != 1 or not headings.first.is_visible():
            yield f"has {headings.count()} main headings"
        if len(page.title().split(" · ")) != 2:
            yield f"has no title of its own: {page.title()}"
        for moving in page.evaluate(MOVES):
            yield f"moves: {moving}"
        for small in page.evaluate(MEASURE, [PRIMARY, TARGET]):
            yield f"is hard to hit: {small}"

    def flaws_when_narrow(self) -> list[str]:
        """What does not fit the page shown into a small phone, or into one that is zoomed to 200 %."""
        before, found = self.page.viewport_size, []
        for width in NARROW:
            self.page.set_viewport_size({"width": width, "height": 700})
            if (beyond := self.page.evaluate(WIDER)) > 0:
                found.append(f"is {beyond} px wider than {width} px: {'; '.join(self.page.evaluate(BEYOND)[:4])}")
        self.page.set_viewport_size(before)
        return found

    def _of_access(self) -> Iterator[str]:
        for scheme, only in (("light", {"type": "tag", "values": TAGS}), ("dark", COLOURS)):
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = Axe().run(self.page, options={"runOnly": only, "resultTypes": ["violations"]})
            for one in found.response["violations"]:
                where = "; ".join(node["html"][:120] for node in one["nodes"][:3])
                yield f"{scheme}: {one['id']}: {one['help']}: {where}"
