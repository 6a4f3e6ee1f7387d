"""Every word of the templates that participants meet is marked for the catalogues."""

import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "studyportal"
TEMPLATES = PACKAGE / "intake" / "templates"
SHARED = PACKAGE / "web" / "templates"
# Shared templates that only staff meet; their rooms speak English.
STAFF = {"help_clinic.html", "help_custody.html", "help_research.html"}
MET = [
    *TEMPLATES.rglob("*.html"),
    *(one for one in SHARED.rglob("*.html") if "sign_in" not in one.parts and one.name not in STAFF),
]

# Words that are none, by template ("" for all), with the reason.
ALLOWED = {
    ("", "narrow"): "the width of the page",
    ("", "kB"): "a unit",
    ("", "MB"): "a unit",
}
EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
MARKED = re.compile(r"\{%-?\s*trans\b.*?\{%-?\s*endtrans\s*-?%\}|\{#.*?#\}", re.DOTALL)
SPOKEN = re.compile(r"(?<![-\w])(?:aria-label|title|alt|placeholder)=\"([^\"]*)\"")
LITERAL = re.compile(r"\"([^\"]*)\"|'([^']*)'")
CALL = re.compile(r"\b_\(\s*(?:\"[^\"]*\"|'[^']*')|\bngettext\(\s*\"[^\"]*\",\s*\"[^\"]*\"")
# Two words with a space between, or one with a capital; a name in code has neither.
A_TEXT = re.compile(r"[A-Za-z]{2,}[,:]? [A-Za-z]|^[A-Z][a-z]+\b(?!\w*[A-Z])")
# A piece of a tag that a template puts together.
ATTRIBUTE = re.compile(r"^\"?\s*(?:[a-z]+(?:-[a-z]+)*=\"|data-[a-z]+|aria-[a-z]+).*$")
CODE = re.compile(r"^[\w.-]+\.(?:html|css|js|svg)$|^[a-z_ -]+$|^ [\w-]+(?:=|$)|^%|%")


def unmarked(template: Path) -> list[str]:
    """What a template shows besides marked texts."""
    source = MARKED.sub("", template.read_text())
    literals = [
        one or other for found in EXPRESSION.findall(source) for one, other in LITERAL.findall(CALL.sub("", found))
    ]
    bare = EXPRESSION.sub("\n", source)
    words = [*SPOKEN.findall(bare), *re.split(r"<[^>]*>|\n", bare)]
    found = [one.strip() for one in words if re.search(r"[A-Za-z]{2,}", one)]
    found += [one for one in literals if A_TEXT.search(one) and not CODE.search(one)]
    return [
        one
        for one in found
        if not ATTRIBUTE.match(one) and ("", one) not in ALLOWED and (template.name, one) not in ALLOWED
    ]


@pytest.mark.parametrize("template", MET, ids=lambda path: path.name)
def test_a_template_has_no_word_that_is_not_marked(template: Path) -> None:
    assert unmarked(template) == []
