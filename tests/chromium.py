"""Find a Chromium on this machine and start it quiet: no updates, no reports, no traffic of its own."""

import os
import shutil

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium(playwright: Playwright) -> Browser:
    """The machine's own browser, or the one that Playwright fetched."""
    own = next((path for name in NAMES if (path := shutil.which(name))), None)
    # Chromium refuses its sandbox to root; nobody else gives it up.
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=own, args=[*ARGUMENTS, *as_root])
