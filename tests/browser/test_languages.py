"""Pages in another language than English: the longest words fit the narrowest phone, and a script from the right turns
the page round."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from studyportal.portal.preview.app import create_app
from studyportal.protocol import read_protocol
from studyportal.web import languages
from tests.browser.conftest import PATIENCE
from tests.browser.looking import WIDER, Watched
from tests.browser.place import Everything
from tests.intake.every_kind import DOCUMENT
from tests.journeys.cast import join
from tests.portal.processes import free_port

# What a phone shows at 200 %; WCAG 2.2, 1.4.10.
NARROW = {"width": 320, "height": 640}
PAGES = [
    "/",
    "/diary/evening/1",
    "/course",
    "/messages/",
    "/consent",
    "/leave",
    "/leave/study/erase",
    "/privacy",
    "/offline/today",
]


def test_german_fits_a_narrow_phone_and_stays_german(everything: Everything, browser: Browser) -> None:
    her = join(everything.house)
    context = browser.new_context(viewport=NARROW, locale="de-AT", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    watched = Watched(context)
    page = watched.page
    page.goto(f"{everything.origin}/sign-in")
    page.fill("[name=code]", her.code)
    page.fill("[name=passphrase]", her.passphrase)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: "/sign-in" not in url)

    found = {}
    for path in PAGES:
        page.goto(everything.origin + path)
        found[path] = (page.locator("html").get_attribute("lang"), page.evaluate(WIDER))
    page.goto(f"{everything.origin}/diary/evening/1")
    progress = page.locator(".progress-line p").text_content()
    page.get_by_role("button", name="English").click()
    page.wait_for_selector("html[lang=en]")

    assert found == dict.fromkeys(PAGES, ("de", 0))
    assert re.fullmatch(r"1 von \d+ · noch etwa \d+ Min\.", progress)
    assert page.url == f"{everything.origin}/diary/evening/1"
    assert watched.said == []
    context.close()


@pytest.fixture
def from_the_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The preview of a study that is begun in Arabic, with a catalogue that puts Arabic letters in place of Latin
    ones."""
    with (languages.CATALOGUES / "messages.pot").open("rb") as file:
        catalogue = read_po(file, locale="ar")
    for message in catalogue:
        if message.id:
            first, many = (message.id, message.id) if isinstance(message.id, str) else message.id
            message.string = _arabic(first) if isinstance(message.id, str) else (_arabic(many),) * catalogue.num_plurals
    place = tmp_path / "ar" / "LC_MESSAGES"
    place.mkdir(parents=True)
    with (place / "messages.po").open("wb") as file:
        write_po(file, catalogue)
    cached = (languages.known_languages, languages.translations, languages.script_words, languages._catalogue)
    monkeypatch.setattr(languages, "CATALOGUES", tmp_path)
    for one in cached:
        one.cache_clear()
    port = free_port()
    study = read_protocol(DOCUMENT.replace("languages: [en, de]", "languages: [en, de, ar]"), name="study.yaml")
    server = make_server("localhost", port, create_app(study, tmp_path / "study.yaml", port=port), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{port}"
    server.shutdown()
    thread.join()
    for one in cached:
        one.cache_clear()


LATIN = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ابتثجحخدذرزسشصضطظعغفقكلمنه")


def _arabic(text: str) -> str:
    kept = re.split(r"(%\(\w+\)[sd]|%%|<[^>]*>)", text)
    return "".join(part if at % 2 else part.lower().translate(LATIN) for at, part in enumerate(kept))


def test_a_script_from_the_right_mirrors_the_page(from_the_right: str, browser: Browser) -> None:
    context = browser.new_context(viewport=NARROW, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()

    def sides(language: str) -> tuple[str, bool, bool, int]:
        page.goto(f"{from_the_right}/instruments/evening?language={language}")
        page.evaluate("document.querySelectorAll('.field').forEach((one) => { one.hidden = false; })")
        skip = page.locator(".where .study").bounding_box()
        tick, words = (page.locator(f".choice {part} >> nth=0").bounding_box() for part in ("input", "label"))
        direction = page.locator("html").get_attribute("dir")
        return direction, skip["x"] < NARROW["width"] / 2, tick["x"] < words["x"], page.evaluate(WIDER)

    assert sides("en") == ("ltr", True, True, 0)
    assert sides("ar") == ("rtl", False, False, 0)
    context.close()
