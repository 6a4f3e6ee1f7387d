"""The codebook page: every item of a study, readable by people and by programs, with nothing from elsewhere."""

import re
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner

from studyportal.portal.codebook import codebook_page
from studyportal.portal.commands.protocol import protocol as commands
from studyportal.protocol import KINDS, SHIPPED, load_protocol
from studyportal.protocol.codebook import FORMATS, codebook
from tests.paper.cast import texts
from tests.protocol.documents import study

SHIPPED_STUDY = load_protocol(SHIPPED)
VOID = {"meta", "link", "br", "input"}


class Reader(HTMLParser):
    """Remembers ids, links and texts, and whether every element is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.names = [], [], [], []

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.names.append(tag)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if "href" in found else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def read(page):
    reader = Reader()
    reader.feed(page)
    return reader


def test_every_item_of_the_shipped_study_stands_in_its_codebook_with_what_becomes_of_it():
    book = codebook(SHIPPED_STUDY)

    entries = {(part.name, entry.name): entry for part in book.parts for entry in part.entries}

    asked = {(one.name, item.name): item for one in SHIPPED_STUDY.instruments.values() for item in one.items.values()}
    assert entries.keys() == asked.keys()
    for place, item in asked.items():
        entry = entries[place]
        assert entry.ask == item.ask
        assert (entry.columns == ()) == (item.release.treatment == "drop")
        assert entry.between == (KINDS[item.kind].type == "nothing")
        assert entry.between or {name for name, _ in entry.formats} == {name for name, _ in FORMATS}


def test_the_page_is_whole_and_its_links_lead_somewhere():
    page = codebook_page(SHIPPED_STUDY)

    reader = read(page)

    assert reader.open == []
    assert len(set(reader.ids)) == len(reader.ids)
    assert {link for link in reader.links} <= {f"#{one}" for one in reader.ids}
    assert "script" not in reader.names
    assert not re.search(r'(src|href)="(?!#)', page)
    assert "url(" not in page


def test_nothing_in_a_study_document_becomes_markup():
    hostile = 'it: {ask: "<script>alert(1)</script>", hint: "<b>&", kind: choice, choices: {a: "<i>A", b: "\\"B"}, release: keep}'

    page = codebook_page(study(hostile))

    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert read(page).open == []


@pytest.mark.parametrize("to_file", [True, False])
def test_the_command_writes_the_page(to_file, tmp_path):
    target = tmp_path / "codebook.html"
    more = ["--output", str(target)] if to_file else []

    result = CliRunner().invoke(commands, ["codebook", str(SHIPPED), *more], catch_exceptions=False)

    page = target.read_text() if to_file else result.output
    assert result.exit_code == 0
    assert page.startswith("<!doctype html>")
    assert SHIPPED_STUDY.study.title in page


def test_the_command_writes_a_paper_with_every_item(tmp_path):
    target = tmp_path / "codebook.pdf"

    result = CliRunner().invoke(commands, ["codebook", str(SHIPPED), "--output", str(target)], catch_exceptions=False)

    said = " ".join(texts(target.read_bytes()))
    assert result.exit_code == 0
    names = [entry.name for part in codebook(SHIPPED_STUDY).parts for entry in part.entries]
    assert [name for name in names if f"{name}: " not in said] == []
    assert all(alert.title in said for alert in SHIPPED_STUDY.alerts.values())
