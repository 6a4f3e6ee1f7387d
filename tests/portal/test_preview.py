"""The preview of a study: every part as people will meet it, and nothing kept."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from studyportal.portal.preview.app import create_app
from studyportal.protocol import SHIPPED, load_protocol, read_protocol

PORT = 8010
HERE = {"Host": f"localhost:{PORT}"}
SENT = {**HERE, "Sec-Fetch-Site": "same-origin", "Origin": f"http://localhost:{PORT}"}
SHIPPED_STUDY = load_protocol(SHIPPED)

TWO_TONGUES = """
languages: [en, de]
study: {code: NS-1, title: {en: North study, de: Nordstudie}, version: "1.0"}
disclosure: {threshold: 11, rounding: 5}
consent:
  version: "1"
  title: {en: Taking part, de: Mitmachen}
  sections: [{heading: {en: What it is for, de: Wozu}, body: {en: To learn., de: Um zu lernen.}}]
  scopes:
    study: {ask: {en: I take part., de: Ich mache mit.}, required: true}
    sharing: {ask: {en: My answers may be shared., de: Meine Antworten dürfen geteilt werden.}, shares: true}
  withdrawal: [stop]
instruments:
  evening:
    title: {en: Evening diary, de: Abendtagebuch}
    schedule: {every: 1 day, opens: "17:00", for: 10 hours, grace: 12 hours}
    items:
      pain: {ask: {en: Pain today, de: Schmerz heute}, kind: rating, low: {en: None, de: Keiner}, high: {en: Worst, de: Schlimmster}, release: keep}
"""


def browser(study=SHIPPED_STUDY) -> FlaskClient:
    return create_app(study, Path("study.yaml"), port=PORT).test_client()


def page(client: FlaskClient, address: str) -> str:
    answer = client.get(address, headers=HERE)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


def sent(client: FlaskClient, name: str, fields: Mapping[str, object]):
    token = page(client, f"/instruments/{name}").split('name="csrf_token" value="')[1].split('"')[0]
    return client.post(f"/instruments/{name}", data={"csrf_token": token, **fields}, headers=SENT)


@pytest.mark.parametrize("name", SHIPPED_STUDY.instruments)
def test_every_instrument_is_shown_with_its_questions(name):
    instrument = SHIPPED_STUDY.instruments[name]

    shown = page(browser(), f"/instruments/{name}")

    assert instrument.title in shown
    assert (
        f'name="{next(one.name for one in instrument.items.values() if one.kind in ("rating", "choice", "yes_no"))}"'
        in shown
    )


@pytest.mark.parametrize("name", SHIPPED_STUDY.alerts)
def test_every_alert_is_shown_as_the_clinician_and_the_participant_see_it(name):
    shown = page(browser(), f"/alerts/{name}")

    assert "The clinician sees" in shown and "The participant sees" in shown


def test_the_contents_and_the_consent_form_are_shown():
    client = browser()

    assert all(f"/instruments/{name}" in page(client, "/") for name in SHIPPED_STUDY.instruments)
    assert SHIPPED_STUDY.consent.sections[0].heading in page(client, "/consent")


def test_answers_are_told_back_with_what_a_researcher_could_get():
    answer = sent(browser(), "evening", {"pain_average": "4", "flare": "no"})

    shown = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "4 of 10" in shown and "released as given" in shown and "never released" in shown


def test_an_answer_that_calls_for_a_clinician_shows_what_both_would_see():
    answer = sent(browser(), "evening", {"pain_average": "10"})

    assert SHIPPED_STUDY.alerts["severe_pain"].title in answer.get_data(as_text=True)


def test_an_unfit_answer_is_shown_again_with_its_sentence():
    answer = sent(browser(), "evening", {"pain_average": "11"})

    assert answer.status_code == 422
    assert "Choose a number from 0 to 10." in answer.get_data(as_text=True)


def test_a_study_is_shown_in_each_of_its_languages():
    client = browser(read_protocol(TWO_TONGUES, name="north.yaml"))

    assert "Evening diary" in page(client, "/")
    assert "Abendtagebuch" in page(client, "/?language=de")
    assert "Schmerz heute" in page(client, "/instruments/evening?language=de")


def test_what_there_is_not_is_not_found():
    client = browser()

    assert [client.get(f"/{kind}/nothing", headers=HERE).status_code for kind in ("instruments", "alerts")] == [
        404,
        404,
    ]


def test_the_preview_has_no_database_to_keep_anything_in():
    app = create_app(SHIPPED_STUDY, Path("study.yaml"), port=PORT)

    assert app.config["SQLALCHEMY_BINDS"] == {}
    assert "sqlalchemy" not in app.extensions
