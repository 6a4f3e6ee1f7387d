"""The shipped study is valid, careful with words, and quick enough for an evening."""

import re
from time import perf_counter

import pytest

from studyportal.protocol import SHIPPED, load_protocol

PROTOCOL = load_protocol(SHIPPED)
ITEMS = [(part.name, item) for part in PROTOCOL.instruments.values() for item in part.items.values()]
FULL_EVENING = {
    "pain_average": "5", "pain_worst": "8", "pain_now": "3", "mood": "5", "energy": "4", "sleep_quality": "3",
    "hours_slept": "6.5", "function": "4", "flare": "yes", "flare_cause": "A long walk.", "rescue_medicine": "no",
    "note": "Better than yesterday.",
}  # fmt: skip


def test_it_has_the_three_instruments_of_the_study():
    forms = {name: part.schedule.form for name, part in PROTOCOL.instruments.items()}

    assert forms == {"baseline": "once", "evening": "every", "dose": "on_demand"}
    assert (PROTOCOL.study.code, PROTOCOL.study.version) == ("MCP-1", "1.0")


def test_an_evening_can_be_told_whole():
    answers = PROTOCOL.instruments["evening"].parse(FULL_EVENING)

    assert set(answers) == set(PROTOCOL.instruments["evening"].items)


def test_a_tired_person_may_leave_out_almost_everything():
    answers = PROTOCOL.instruments["evening"].parse({"pain_average": "6"})

    assert dict(answers) == {"pain_average": 6}


def test_at_most_five_answers_could_single_somebody_out_by_being_known_to_others():
    quasi = [item.name for _, item in ITEMS if item.quasi_identifier]

    assert quasi == ["diagnosis", "pain_years", "age", "gender"]


def test_ages_are_in_bands_of_ten_years_and_end_at_80():
    age = PROTOCOL.instruments["baseline"].items["age"]

    assert age.release.parameters["edges"] == (18, 30, 40, 50, 60, 70, 80)


def test_dates_times_and_own_words_never_leave_as_such():
    released = {
        item.kind: {other.release.treatment for _, other in ITEMS if other.kind == item.kind} for _, item in ITEMS
    }

    assert released["notes"] == {"drop"}
    assert released["date"] == {"relative_day"}
    assert released["time"] == {"hour"}


def test_sharing_is_a_choice_of_its_own_and_everybody_can_leave_in_three_ways():
    consent = PROTOCOL.consent

    assert (consent.required, consent.sharing) == ({"study"}, {"sharing"})
    assert set(consent.scopes) == {"study", "sharing", "recontact"}
    assert consent.withdrawal == ("stop", "remove", "erase")


def test_the_consent_form_says_when_an_erasure_is_complete():
    (leaving,) = [body for heading, body in PROTOCOL.consent.sections if heading.startswith("Leaving")]

    assert "14 days" in leaving
    assert "cannot be undone" in leaving


WORDS = re.compile(r"[^\W\d_]+")
PRAISE_OR_ADVICE = {
    "benefits", "heal", "heals", "healing", "effective", "recommend", "recommended", "should", "must", "optimal", "proven",
    "safe", "try", "buy", "obtain", "anonymous", "please",
}  # fmt: skip
TEXTS = [text for _, item in ITEMS for text in (item.ask, item.hint, item.low, item.high, *item.choices.values())]
TEXTS += [text for part in PROTOCOL.instruments.values() for text in (part.title, part.hint)]
CONSENT = [text for section in PROTOCOL.consent.sections for text in section]


@pytest.mark.parametrize("text", list(filter(None, TEXTS)))
def test_no_question_praises_advises_or_shouts(text):
    assert not PRAISE_OR_ADVICE & {word.lower() for word in WORDS.findall(text)}
    assert "!" not in text


@pytest.mark.parametrize("text", [*TEXTS, *CONSENT])
def test_sentences_are_short(text):
    sentences = re.split(r"(?<=[.?:])\s+", text)

    assert all(len(sentence.split()) <= 26 for sentence in sentences)


def test_an_evening_is_checked_in_well_under_100_microseconds():
    parse = PROTOCOL.instruments["evening"].parse
    times = []

    for _ in range(500):
        began = perf_counter()
        parse(FULL_EVENING)
        times.append(perf_counter() - began)

    assert min(times) < 60e-6
