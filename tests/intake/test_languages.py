"""Somebody who reads German meets German, and their choice goes before their browser's."""

import re
from html import unescape

import pytest

from tests.intake.conftest import ORIGIN, Browser, inside

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.3"}


@pytest.fixture
def german(every_kind):
    """Somebody who has joined, and their browser, which asks for German."""
    study, app = every_kind
    claimed = inside(app, study.participant)
    browser = Browser(app)
    browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = GERMAN["Accept-Language"]
    browser.sign_in(claimed)
    return study, app, browser, claimed


def test_pages_are_in_the_language_of_the_study_with_its_days_and_numbers(german):
    _, _, browser, _ = german

    today, form = (unescape(browser.get(path).text) for path in ("/", "/diary/evening/1"))

    assert '<html lang="de" dir="ltr"' in today
    assert "Mo., 2. März · Tag 1" in today
    assert "Ein Tagebuch wartet" in today
    assert "Eintrag speichern" in form
    assert '<button class="btn btn-primary" type="submit">Eintrag speichern</button>' in form


def test_a_choice_is_kept_in_a_cookie_that_says_the_language_and_goes_before_the_browsers(german):
    _, _, browser, _ = german
    page = browser.get("/course").text

    chosen = browser.post("/language", {"language": "en", "page": "/course?month=2026-03"}, page=page)
    after = browser.get("/course").text

    assert (chosen.status_code, chosen.headers["Location"]) == (303, "/course?month=2026-03")
    cookie = chosen.headers["Set-Cookie"]
    assert cookie.startswith("__Host-intake-language=en;")
    assert all(part in cookie for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"))
    assert '<html lang="en"' in after
    assert 'value="en" lang="en" aria-current="true">English</button>' in after
    assert 'value="de" lang="de">Deutsch</button>' in after


@pytest.mark.parametrize("page", ["//evil.example/", "/\\evil.example", "https://evil.example/", "/nowhere", ""])
def test_a_choice_leads_to_a_page_of_ours_only(german, page):
    _, _, browser, _ = german

    answer = browser.post("/language", {"language": "en", "page": page}, page=browser.get("/course").text)

    assert answer.headers["Location"] == "/"


def test_a_language_that_the_study_does_not_have_is_refused(german):
    _, _, browser, _ = german

    answer = browser.post("/language", {"language": "tlh"}, page=browser.get("/course").text)

    assert answer.status_code == 422
    assert "Set-Cookie" not in answer.headers
    assert "Diese Sprache hat die Studie nicht." in answer.text


def test_a_study_of_one_language_offers_none_and_speaks_it_whatever_the_browser_asks(room):
    _, app = room
    page = Browser(app).get("/", headers=GERMAN).text

    assert '<html lang="en" dir="ltr"' in page
    assert 'action="/language"' not in page


def test_what_is_wrong_is_said_in_the_language_by_page_and_to_an_app(german):
    _, _, browser, _ = german
    page = browser.get("/diary/evening/1").text
    fields = dict(re.findall(r'type="hidden" name="(entry-[a-z]+)" value="([^"]*)"', page))

    shown = unescape(
        browser.post("/diary/evening/1", {**fields, "weight": "viel", "slept-hours": "30"}, page=page).text
    )
    missing = browser.get("/entries/00000000-0000-4000-8000-000000000000", headers={"Accept": "application/json"})
    browser.post("/new-words/stop", {}, page=page)
    stopped = unescape(browser.get("/").text)

    assert "3 Dinge brauchen noch einen Blick" in shown
    assert "Diese Frage braucht eine Antwort." in shown
    assert "Geben Sie eine Zahl von 20 bis 300 an, mit Komma, etwa 2,5." in shown
    assert "höchstens 24 Stunden." in shown
    assert missing.json["refusal"] == "Diesen Eintrag gibt es nicht."
    assert "Das wurde inzwischen gestoppt. Nichts wurde geändert." in stopped


def test_a_number_may_be_written_with_the_comma_of_the_language(german):
    _, _, browser, _ = german
    page = browser.get("/diary/evening/1").text
    fields = dict(re.findall(r'type="hidden" name="(entry-[a-z]+)" value="([^"]*)"', page))

    browser.post("/diary/evening/1", {**fields, "pain": "4", "weight": "71,5"}, page=page)
    (entry,) = browser.get("/download").json["entries"]

    assert entry["entry"]["answers"]["weight"] == 71.5
    assert "71,5 kg" in browser.get("/course").text


def test_leaving_is_explained_and_confirmed_by_a_word_of_the_language(german):
    _, _, browser, _ = german
    page = unescape(browser.get("/leave/study/erase").text)

    refused = browser.post("/leave/study/erase", {"word": "ERASE"}, page=page)
    done = browser.post("/leave/study/erase", {"word": "löschen"}, page=page)

    assert "Die Schlüssel zu allen Ihren Antworten werden vernichtet." in page
    assert "Geben Sie zur Bestätigung LÖSCHEN ein." in refused.text
    assert (done.status_code, done.headers["Location"]) == (303, "/gone")


def test_what_a_phone_keeps_is_one_thing_in_each_language(every_kind):
    _, app = every_kind
    nobody = app.test_client(use_cookies=False)

    german, english = (
        nobody.get("/offline/contents", base_url=ORIGIN, headers={"Accept-Language": language}).json["name"]
        for language in ("de", "en")
    )
    page = unescape(nobody.get("/offline/today", base_url=ORIGIN, headers=GERMAN).text)

    assert german != english
    assert "Auf diesem Telefon" in page
    assert '"Write it":"Schreiben"' in page
