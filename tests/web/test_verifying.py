"""The page on which anybody can ask about a paper: it tells in words, and keeps nothing."""

from io import BytesIO

import pytest

from studyportal.paper import Prose, fingerprint_of, printed
from studyportal.web.access_table import public, staff_pages
from studyportal.web.room import make_room
from studyportal.web.sign_in.views import sign_in_pages, staff_visitor
from studyportal.web.verifying import views
from studyportal.web.verifying.views import verifying_pages
from tests.paper.cast import PUBLIC, by_custody, paper
from tests.web.conftest import BIND, EVERY_ROLE, PROTOCOL, SAME_ORIGIN, form_token, settings_with

PDF = by_custody(printed(paper(kind="Visit report", title="<b>Visit</b> of 3 March"), [Prose("Slept better.")]))


@pytest.fixture
def client(sqlite_databases, tmp_path):
    settings = settings_with(databases={BIND: sqlite_databases[BIND]}, log=str(tmp_path / "room.log"))
    pages = [sign_in_pages(BIND, home="verifying.paper"), verifying_pages(BIND, custody=PUBLIC)]
    rules = {**staff_pages(EVERY_ROLE), "verifying.paper": public("verify a paper")}
    return make_room("clinic", settings, PROTOCOL, pages, visitor_of=staff_visitor(BIND), rules=rules).test_client()


def ask(client, file):
    token = form_token(client, "/verify")
    sent = {"csrf_token": token} | ({} if file is None else {"paper": (BytesIO(file), "mine.pdf")})
    return client.post("/verify", data=sent, headers=SAME_ORIGIN, content_type="multipart/form-data")


def test_a_stranger_learns_what_a_paper_is(client):
    answer = ask(client, PDF)

    assert answer.status_code == 200
    for words in ("Unaltered", "Visit report", "&lt;b&gt;Visit&lt;/b&gt;", "data custody", "Wed 4 Mar 2026, 09:12 UTC"):
        assert words in answer.text
    assert fingerprint_of(PDF) in answer.text


@pytest.mark.parametrize(
    ("file", "status", "words"),
    [
        (PDF.replace(b"Visit report", b"Visit rapport"), 200, "Altered"),
        (b"%PDF-1.4 of somebody else", 200, "Not one of our papers"),
        (b"hello", 200, "Not one of our papers"),
        (b"", 422, "Choose the PDF file."),
        (None, 422, "Choose the PDF file."),
    ],
)
def test_what_is_wrong_is_said_in_words(client, file, status, words):
    answer = ask(client, file)

    assert (answer.status_code, words in answer.text) == (status, True)


def test_a_large_file_never_touches_the_disk(client, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a file on the disk")

    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", refuse)
    monkeypatch.setattr("werkzeug.formparser.default_stream_factory", refuse)

    assert "Not one of our papers" in ask(client, b"%PDF-" + b"x" * 2_000_000).text


def test_more_than_the_limit_is_refused(client, monkeypatch):
    monkeypatch.setattr(views, "MOST_BYTES", 50_000)

    assert "larger than 20 MB" in ask(client, b"%PDF-" + b"x" * 60_000).text
    assert ask(client, b"%PDF-" + b"x" * 200_000).status_code == 413


def test_a_form_from_elsewhere_is_refused(client):
    statuses = [
        client.post("/verify", data={"paper": (BytesIO(PDF), "mine.pdf")}, headers=headers).status_code
        for headers in (SAME_ORIGIN, {"Sec-Fetch-Site": "cross-site"})
    ]

    assert statuses == [400, 403]


def test_one_network_cannot_ask_without_end(client, monkeypatch):
    monkeypatch.setitem(views.limiter.LIMITS, "network", 2)

    statuses = [ask(client, PDF).status_code for _ in range(3)]

    assert statuses == [200, 200, 429]
