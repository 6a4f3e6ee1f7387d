"""One browser and one small study for all tests of this folder."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.browser.place import Everything, Place, everything_served, served
from tests.chromium import chromium

# Milliseconds until a page that does not come is a failure; a busy machine needs some.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)
IDLE = 600.0

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "reduced_motion": "reduce",
    "locale": "en-GB",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The walk over every page first: it needs the study as it was made, and the other tests change it."""
    items.sort(key=lambda item: item.path.name != "test_every_page.py")


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The study, served."""
    with served(tmp_path_factory.mktemp("browser") / "instance") as found:
        yield found


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everything]:
    """The study with every kind of question, served."""
    with everything_served(tmp_path_factory.mktemp("every-kind") / "instance") as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with sync_playwright() as playwright:
        found = chromium(playwright)
        yield found
        found.close()


@pytest.fixture(scope="session")
def phone(browser: Browser, place: Place):
    """A function: the phone of somebody of this role, signed in; "nobody" is signed in nowhere."""
    kept: dict[str, tuple[float, BrowserContext]] = {}

    def phone_of(role: str) -> BrowserContext:
        used, context = kept.get(role, (0.0, None))
        # Staff who do nothing are signed out after a quarter of an hour.
        if context is None or time.monotonic() - used > IDLE:
            context = browser.new_context(**PHONE)
            context.set_default_timeout(PATIENCE)
            if role != "nobody":
                place.sign_in(context.new_page(), role)
        kept[role] = (time.monotonic(), context)
        return context

    return phone_of


@contextmanager
def _new_phone(browser: Browser, **more) -> Iterator[BrowserContext]:
    context = browser.new_context(**PHONE, **more)
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def new_phone(browser: Browser):
    """A phone that nobody has used."""
    with _new_phone(browser) as context:
        yield context


@pytest.fixture
def phone_without_scripts(browser: Browser):
    """A phone whose browser runs no scripts."""
    with _new_phone(browser, java_script_enabled=False) as context:
        yield context
