"""The browser's half of the study's language is served so that a strict page can import it."""

from concurrent.futures import ThreadPoolExecutor

from flask.testing import FlaskClient
from playwright.sync_api import Route, sync_playwright

from tests.chromium import chromium
from tests.web.conftest import ORIGIN, Room

IMPORTING = 'import { holds } from "./expressions.js"; document.title = `it holds: ${holds(["value", true], {})}`;'
PAGE = '<!doctype html><title>waiting</title><script type="module" src="/static/importing.js"></script>'


def test_it_is_a_script_that_no_browser_takes_for_anything_else(room: Room) -> None:
    response = room.client().get("/static/expressions.js")

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_under_our_content_policy_imports_it(room: Room) -> None:
    # In a thread of its own, because only one Playwright can live in each and other tests keep theirs.
    with ThreadPoolExecutor(max_workers=1) as thread:
        title, complaints = thread.submit(_title, room.client()).result()

    assert (title, complaints) == ("it holds: true", [])


def _title(client: FlaskClient) -> tuple[str, list[str]]:
    ours = {"/importing": (PAGE, "text/html"), "/static/importing.js": (IMPORTING, "text/javascript")}

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN)
        served = client.get("/static/expressions.js" if path in ours else path)
        body, kind = ours.get(path, (served.get_data(as_text=True), served.content_type))
        headers = {"Content-Security-Policy": served.headers["Content-Security-Policy"], "Content-Type": kind}
        route.fulfill(status=served.status_code, headers=headers, body=body)

    with sync_playwright() as playwright:
        browser = chromium(playwright)
        page, complaints = browser.new_page(), []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.route("**/*", answer)
        page.goto(f"{ORIGIN}/importing")
        page.wait_for_function("document.title !== 'waiting'")
        title = page.title()
        browser.close()
    return title, complaints
