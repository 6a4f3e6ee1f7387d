"""Run the browser's half of the language in Chromium."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from studyportal.protocol.expressions import branching, parse_expression
from tests.chromium import chromium
from tests.protocol.expressions.cases import Case

SCRIPT = (Path(__file__).parents[3] / "studyportal" / "web" / "static" / "expressions.js").read_text()

KEEP = "(sent) => { globalThis.cases = JSON.parse(sent); }"

# A script that is broken answers "broken" instead of a list.
RUN = """async (script) => {
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  try {
    const { holds } = await import(address);
    return JSON.stringify(globalThis.cases.map(([tree, row]) => holds(tree, row)));
  } catch {
    return '"broken"';
  }
}"""


def in_chromium(scripts: Sequence[str], cases: Sequence[Case]) -> list[Any]:
    """What each script answers to the cases."""
    sent = [[branching(parse_expression(case.condition)), case.row] for case in cases]
    # In a thread of its own, because only one Playwright can live in each and other tests keep theirs.
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(_run, scripts, sent).result()


def _run(scripts: Sequence[str], sent: list[Any]) -> list[Any]:
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        page = browser.new_page()
        page.evaluate(KEEP, json.dumps(sent))
        answers = [json.loads(page.evaluate(RUN, script)) for script in scripts]
        browser.close()
    return answers
