"""The shipped study is valid, complete, careful with words, and quick enough for an evening."""

import re
from collections import Counter, defaultdict
from statistics import median

import pytest

from studyportal.protocol import SHIPPED, load_protocol
from studyportal.protocol.kinds import KINDS
from tests.protocol.reading_ease import grade

PROTOCOL = load_protocol(SHIPPED)
PARTS = PROTOCOL.instruments
ITEMS = [(part.name, item) for part in PARTS.values() for item in part.items.values()]
ASKED = [(name, item) for name, item in ITEMS if KINDS[item.kind].answered]
FULL_EVENING = {
    "pain_average": "5", "pain_worst": "8", "pain_now": "3", "mood": "5", "energy": "4", "sleep_quality": "3",
    "hours_slept": "6.5", "function": "4", "flare": "yes", "flare_cause": "A long walk.", "rescue_medicine": "yes",
    "rescue_medicines": [{"name": "Ibuprofen 400", "class": "anti_inflammatory"}], "stress": "no", "note": "Better than yesterday.",
}  # fmt: skip


def raised(instrument, answers, *, former=None):
    """The alerts that these answers raise, with former answers as `{instrument.item: wire value}`."""
    from studyportal.protocol.expressions import is_true

    wire = PARTS[instrument].parse(answers).to_wire()
    row = {**wire, **(former or {})}
    return {
        name for name, alert in PROTOCOL.alerts.items() if alert.instrument == instrument and is_true(alert.when, row)
    }


def test_it_has_every_instrument_of_the_study():
    forms = {name: (part.schedule.form, part.by) for name, part in PARTS.items()}

    assert forms == {
        "screening": ("before_consent", "participant"),
        "baseline": ("once", "participant"),
        "evening": ("every", "participant"),
        "weekly": ("every", "participant"),
        "monthly": ("monthly", "participant"),
        "dose": ("on_demand", "participant"),
        "follow_up": ("after", "participant"),
        "adverse_event": ("on_demand", "participant"),
        "exit": ("on_demand", "participant"),
        "diagnosis_confirmed": ("once", "clinician"),
        "event_assessed": ("on_demand", "clinician"),
    }
    assert (PROTOCOL.study.code, PROTOCOL.study.version) == ("MCP-1", "1.0")


def test_there_is_nothing_to_warn_of():
    assert PROTOCOL.warnings == ()


# An evening


def test_an_evening_can_be_told_whole():
    answers = PARTS["evening"].parse(FULL_EVENING)

    assert set(answers) == set(PARTS["evening"].items)


def test_a_tired_person_may_leave_out_almost_everything():
    answers = PARTS["evening"].parse({"pain_average": "6"})

    assert dict(answers) == {"pain_average": 6}


def test_an_evening_is_twelve_quick_questions_and_one_more_after_a_flare_or_an_extra_medicine():
    always = [item for item in PARTS["evening"].items.values() if item.when is None]
    sometimes = {item.name: str(item.when) for item in PARTS["evening"].items.values() if item.when}

    assert len(always) <= 12
    assert Counter(item.kind for item in always)["notes"] == 1
    assert sometimes == {"flare_cause": "flare == yes", "rescue_medicines": "rescue_medicine == yes"}


# What facts about pain research ask for


def test_the_screening_flags_every_risk_and_blocks_only_the_under_aged():
    kept_out = {one.name: (str(one.when), bool(one.say)) for one in PROTOCOL.ineligibility}
    flagged = {
        name for alert in PROTOCOL.alerts.values() if alert.instrument == "screening" for name in alert.when.names
    }

    assert kept_out == {"under_age": ("adult == no", True)}
    assert flagged == set(PARTS["screening"].items) - {"adult"}
    assert all(PROTOCOL.alerts[name].say for name in PROTOCOL.alerts if name.startswith("screening_"))


RISKS = {
    "pregnancy": ({"pregnancy": True}, {"screening_pregnancy"}, "high"),
    "psychosis": ({"psychosis": ["self"]}, {"screening_psychosis"}, "high"),
    "in the family": ({"psychosis": ["family"]}, {"screening_family"}, "low"),
    "lithium": ({"risk_medicines": ["lithium"]}, {"screening_lithium"}, "urgent"),
    "MAO inhibitor": ({"risk_medicines": ["mao_inhibitor"]}, {"screening_mao_inhibitor"}, "high"),
    "SSRI": ({"risk_medicines": ["ssri_snri"]}, {"screening_serotonin"}, "low"),
    "tramadol": ({"risk_medicines": ["tramadol"]}, {"screening_serotonin"}, "low"),
    "heart": ({"heart_valve": True}, {"screening_heart"}, "high"),
    "thoughts": ({"suicidal_thoughts": True}, {"screening_thoughts"}, "urgent"),
    "nothing": ({}, set(), None),
}
WELL = {
    "adult": True, "pregnancy": False, "psychosis": ["none"], "risk_medicines": ["none"], "heart_valve": False,
    "suicidal_thoughts": False,
}  # fmt: skip


@pytest.mark.parametrize("risk", RISKS)
def test_each_risk_raises_its_alert(risk):
    changed, expected, level = RISKS[risk]

    found = raised("screening", WELL | changed)

    assert found == expected
    assert {PROTOCOL.alerts[name].level for name in found} == ({level} if level else set())


def test_every_dose_says_what_how_much_how_known_when_with_what_and_what_was_expected():
    assert set(PARTS["dose"].items) >= {
        "substance", "preparation", "amount", "unit", "amount_known", "tested", "taken", "taken_with", "expected", "pain_before",
    }  # fmt: skip
    assert PARTS["dose"].items["taken"].kind == "date_time"
    assert [item.name for item in PARTS["dose"].items.values() if item.required] == ["substance", "taken"]
    assert PARTS["dose"].schedule.back_days <= 2


def test_the_hours_after_say_pain_relief_intensity_unwanted_effects_and_a_guess():
    assert set(PARTS["follow_up"].items) >= {
        "pain_after", "minutes_since", "relief_after", "relief_lasted", "intensity", "unwanted", "guess",
    }  # fmt: skip
    assert PARTS["follow_up"].schedule.after == "dose"
    assert PARTS["follow_up"].items["unwanted"].kind == "choices"


SCORES = {
    ("baseline", "peg"): "PEG", ("weekly", "peg"): "PEG", ("weekly", "phq2"): "PHQ-2", ("weekly", "gad2"): "GAD-2",
    ("monthly", "phq9"): "PHQ-9", ("monthly", "gad7"): "GAD-7",
}  # fmt: skip


def test_scales_are_scored_by_the_protocol():
    assert {(name, item.name): item.score for name, item in ITEMS if item.kind == "score"} == SCORES


def test_a_month_is_scored():
    month = {f"phq_{number}": "2" for number in range(1, 9)} | {"phq_9": "0"} | {f"gad_{n}": "3" for n in range(1, 8)}

    answers = PARTS["monthly"].parse(month)

    assert (answers["phq9"], answers["gad7"]) == (16, 21)
    assert raised("monthly", month) == {"severe_anxiety"}


@pytest.mark.parametrize("often", ["1", "2", "3"])
def test_thoughts_of_death_are_urgent_however_rare(often):
    assert raised("monthly", {"phq_9": often}) == {"thoughts_of_death"}
    assert PROTOCOL.alerts["thoughts_of_death"].level == "urgent"
    assert PROTOCOL.alerts["thoughts_of_death"].say
    assert raised("monthly", {"phq_9": "0"}) == set()


EVENT = {"what": ["mind"], "grade": "1", "serious": ["none"], "began": "2026-03-03", "outcome": "gone"}


@pytest.mark.parametrize(
    "criterion", [code for code in PARTS["adverse_event"].items["serious"].choices if code != "none"]
)
def test_every_serious_event_is_urgent(criterion):
    assert raised("adverse_event", EVENT | {"serious": [criterion]}) == {"serious_event"}
    assert PROTOCOL.alerts["serious_event"].level == "urgent"


def test_a_severe_event_is_high_and_a_mild_one_is_none():
    assert raised("adverse_event", EVENT | {"grade": "3"}) == {"severe_event"}
    assert raised("adverse_event", EVENT | {"grade": "4"}) == {"life_threatening_event"}
    assert raised("adverse_event", EVENT) == set()


def test_events_are_graded_by_ctcae_and_by_the_criteria_of_a_serious_event():
    assert list(PARTS["adverse_event"].items["grade"].choices) == ["1", "2", "3", "4"]
    assert list(PARTS["event_assessed"].items["grade"].choices) == ["1", "2", "3", "4", "5"]
    assert {code for code in PARTS["event_assessed"].items["serious"].choices if code != "none"} == {
        "death", "life_threatening", "hospital", "disability", "birth_defect", "other_important",
    }  # fmt: skip


def test_pain_far_above_the_start_needs_the_former_answer():
    worse = PROTOCOL.alerts["worse_than_usual"]

    assert worse.reads_former
    assert "worse_than_usual" in raised("evening", {"pain_average": "8"}, former={"baseline.pain_usual": 4})
    assert "worse_than_usual" not in raised("evening", {"pain_average": "8"}, former={"baseline.pain_usual": 5})
    assert "worse_than_usual" not in raised("evening", {"pain_average": "8"})


def test_no_level_of_an_instrument_gives_its_answer_away():
    # What is in clear beside an entry names its instrument, or that it came on demand.
    seen = defaultdict(set)
    for name, alert in PROTOCOL.alerts.items():
        place = "on demand" if PARTS[alert.instrument].on_demand else alert.instrument
        seen[place, alert.level].add(name)

    assert {key for key, names in seen.items() if len(names) < 2} == set()
    assert {level for _, level in seen} == {"low", "high", "urgent"}


COUNTRIES = {"GB", "IE", "US", "CA", "AU", "NZ", "DE", "AT", "CH", "NL", ""}


def test_there_is_somebody_to_call_in_every_country_of_the_study():
    assert set(PROTOCOL.contacts) == COUNTRIES
    assert all(contact.phone and contact.hours for contacts in PROTOCOL.contacts.values() for contact in contacts)
    assert PROTOCOL.monitoring.hours


# What leaves


def test_at_most_five_answers_could_single_somebody_out_by_being_known_to_others():
    quasi = [(name, item.name) for name, item in ITEMS if item.quasi_identifier]

    assert quasi == [
        ("baseline", "diagnosis"), ("baseline", "pain_years"), ("baseline", "age"), ("baseline", "gender"),
        ("diagnosis_confirmed", "diagnosis"),
    ]  # fmt: skip


def test_ages_are_in_bands_of_ten_years_and_end_at_80():
    age = PARTS["baseline"].items["age"]

    assert age.release.parameters["edges"] == (18, 30, 40, 50, 60, 70, 80)


def test_dates_times_and_own_words_never_leave_as_such():
    released = defaultdict(set)
    for _, item in ITEMS:
        released[item.kind].add(item.release.treatment)

    assert released["notes"] == released["text"] == {"drop"}
    assert released["date"] == {"relative_day"}
    assert released["date_time"] == {"hour"}
    assert released["group"] == {"codes_of"}
    assert released["body_map"] == {"count"}


def test_of_the_screening_only_the_medicines_leave():
    released = {name for name, item in PARTS["screening"].items.items() if item.release.treatment != "drop"}

    assert released == {"risk_medicines"}


def test_sharing_is_a_choice_of_its_own_and_everybody_can_leave_in_three_ways():
    consent = PROTOCOL.consent

    assert (consent.required, consent.sharing) == ({"study"}, {"sharing"})
    assert set(consent.scopes) == {"study", "sharing", "recontact", "linkage"}
    assert consent.withdrawal == ("stop", "remove", "erase")


# Words


def test_the_consent_form_says_when_an_erasure_is_complete():
    (leaving,) = [body for heading, body in PROTOCOL.consent.sections if heading.startswith("Leaving")]

    assert "14 days" in leaving
    assert "cannot be undone" in leaving


def test_the_consent_form_says_when_alerts_are_read():
    (seeing,) = [body for heading, body in PROTOCOL.consent.sections if heading.startswith("Who sees")]

    assert "weekdays from 9 to 17, UK time" in seeing
    assert "office hours" in PROTOCOL.notices.monitoring


WORDS = re.compile(r"[^\W\d_]+")
PRAISE_OR_ADVICE = {
    "benefits", "heal", "heals", "healing", "effective", "recommend", "recommended", "should", "must", "optimal", "proven",
    "safe", "try", "buy", "obtain", "anonymous", "please",
}  # fmt: skip
TEXTS = [
    text for _, item in ITEMS for text in (item.ask, item.hint, item.low, item.high, item.none, *item.choices.values())
]
TEXTS += [
    text
    for _, item in ITEMS
    for inner in item.items.values()
    for text in (inner.ask, inner.hint, *inner.choices.values())
]
TEXTS += [text for part in PARTS.values() for text in (part.title, part.hint)]
TEXTS += [text for alert in PROTOCOL.alerts.values() for text in (alert.title, alert.say, alert.act)]
TEXTS += [one.say for one in PROTOCOL.ineligibility]
CONSENT = [text for section in PROTOCOL.consent.sections for text in section]


@pytest.mark.parametrize("text", sorted(set(TEXTS) - {""}))
def test_no_question_praises_advises_or_shouts(text):
    assert not PRAISE_OR_ADVICE & {word.lower() for word in WORDS.findall(text)}
    assert "!" not in text


@pytest.mark.parametrize("text", sorted({*TEXTS, *CONSENT}))
def test_sentences_are_short(text):
    sentences = re.split(r"(?<=[.?:])\s+", text)

    assert all(len(sentence.split()) <= 26 for sentence in sentences)


def test_a_tired_person_of_twelve_could_read_it():
    participants = [part for part in PARTS.values() if part.by == "participant"]
    texts = [text for part in participants for item in part.items.values() for text in (item.ask, item.hint)]
    texts += [part.hint for part in participants]
    texts += [scope.ask for scope in PROTOCOL.consent.scopes.values()]
    texts += [section.body for section in PROTOCOL.consent.sections]
    texts += [alert.say for alert in PROTOCOL.alerts.values()]

    # Grade 7 is read at twelve to thirteen.
    assert median(grade(text) for text in texts if text) <= 7
    assert max(grade(section.body) for section in PROTOCOL.consent.sections) <= 7
