"""A good document becomes a study, with every text as it was typed."""

import pytest

from studyportal.errors import Invalid
from studyportal.protocol import ProtocolMistakes, Release, load_protocol, read_protocol
from tests.protocol.documents import EVERY_KIND, HEAD, ONE_ITEM, document, item, study

EVERY_NIGHT = 'every: 1 day, opens: "17:00", for: 10 hours, grace: 12 hours'


@pytest.mark.parametrize("version", ["1.10", '"1.10"', "012", "1e3", "2026-03-01", "yes", "true"])
def test_a_version_stays_what_was_typed(version):
    head = HEAD.replace('"1.10"', version)

    read = study(head=head)

    assert read.study.version == version.strip('"')


def test_the_codes_of_choices_stay_what_was_typed():
    protocol = study(EVERY_KIND)

    choices = protocol.instruments["evening"].items["where"].choices

    assert list(choices) == ["yes", "012", "1.10"]


def test_everything_in_the_document_is_in_the_study():
    text = document(EVERY_KIND)

    protocol = read_protocol(text, name="north.yaml")

    assert protocol.study.code == "NS-1"
    assert [tuple(section) for section in protocol.consent.sections] == [("Why", "To learn.")]
    assert (protocol.consent.required, protocol.consent.sharing) == ({"study"}, {"sharing"})
    assert protocol.consent.withdrawal == ("stop", "remove", "erase")
    assert list(protocol.instruments["evening"].items) == [
        "how",
        "how_many",
        "hours",
        "calm",
        "where",
        "day",
        "clock",
        "note",
    ]
    assert (protocol.disclosure.threshold, protocol.disclosure.rounding) == (11, 5)
    assert protocol.source == text


def test_a_rating_goes_from_0_to_10():
    rating = item("kind: rating, low: None, high: A lot, release: keep")

    assert (rating.minimum, rating.maximum, rating.release) == (0, 10, Release("keep"))


def test_one_changed_letter_changes_the_digest_and_one_in_the_consent_text_its_own():
    before, after = study(), study(head=HEAD.replace("To learn.", "To learn!"))

    assert before.digest != after.digest
    assert before.consent.digest != after.consent.digest


def test_a_study_cannot_be_changed():
    protocol = study()

    with pytest.raises(TypeError):
        protocol.instruments["other"] = protocol.instruments["evening"]
    with pytest.raises(AttributeError):
        protocol.consent.version = "2"


def test_the_mistakes_are_a_refusal_that_a_page_can_show(tmp_path):
    file = tmp_path / "broken.yaml"
    file.write_text(document().replace("kind: yes_no", "kind: yesno"))

    with pytest.raises(Invalid) as refusal:
        load_protocol(file)

    assert refusal.value.sentence == "The study document broken.yaml has 1 mistake."
    assert list(refusal.value.problems) == ["instruments.evening.items.calm.kind"]
    assert "line 17, instruments.evening.items.calm.kind: Write rating, analogue," in refusal.value.report()


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(tmp_path):
    file = tmp_path / "latin.yaml"
    file.write_bytes(document().replace("Were you", "Wür").encode("latin-1"))

    with pytest.raises(ProtocolMistakes) as refusal:
        load_protocol(file)

    assert refusal.value.mistakes == ((17, "", "This is not UTF-8. Save the file as UTF-8."),)


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (f"{{{EVERY_NIGHT}}}", "Every day, from 17:00 for 10 hours, then late for 12 hours."),
        (
            f"{{{EVERY_NIGHT}, until: day 90}}",
            "Every day until study day 90, from 17:00 for 10 hours, then late for 12 hours.",
        ),
        (
            '{every: 2 weeks, opens: "00:00", for: 2 days, grace: 90 minutes}',
            "Every 14 days, from 00:00 for 2 days, then late for 90 minutes.",
        ),
        (
            '{once: day 3, opens: "00:00", for: 1 week, grace: 0 days}',
            "Once, from study day 3, for 7 days.",
        ),
        ("{on_demand: true, back: 2 days}", "Whenever there is something to record, for today or up to 2 days back."),
        ("{on_demand: true, back: 0 days}", "Whenever there is something to record, for today."),
    ],
)
def test_a_schedule_says_itself_in_plain_words(schedule, words):
    instrument = study(schedule=schedule).instruments["evening"]

    assert instrument.schedule.describe() == words


TWO_LANGUAGES = "languages: [en, de]\n" + HEAD
CALM = "calm: {ask: {en: Calm?, de: Ruhig?}, kind: yes_no, release: keep}"


def warnings_of(text):
    return [(place, sentence) for _, place, sentence in read_protocol(text, name="north.yaml").warnings]


def test_a_text_is_read_in_the_language_that_is_asked_for():
    text = document(CALM, head=TWO_LANGUAGES)

    asks = {
        language: read_protocol(text, name="any", language=language).instruments["evening"].items["calm"].ask
        for language in ("en", "de")
    }

    assert asks == {"en": "Calm?", "de": "Ruhig?"}


def test_a_language_that_the_document_does_not_have_falls_back_to_the_first():
    read = read_protocol(document(CALM, head=TWO_LANGUAGES), name="any", language="fr")

    assert (read.languages, read.language) == (("en", "de"), "en")
    assert read.instruments["evening"].items["calm"].ask == "Calm?"


def test_a_text_that_is_not_translated_is_shown_in_the_first_language_and_listed():
    text = document("calm: {ask: {en: Calm?}, hint: Today, kind: yes_no, release: keep}", head=TWO_LANGUAGES)

    read = read_protocol(text, name="any", language="de")

    assert read.instruments["evening"].items["calm"].ask == "Calm?"
    listed = [place for place, sentence in warnings_of(text) if sentence.startswith("This text is not there in de")]
    assert {"instruments.evening.items.calm.ask", "instruments.evening.items.calm.hint", "study.title"} <= {*listed}


def test_a_text_without_the_first_language_is_a_mistake():
    with pytest.raises(ProtocolMistakes) as refusal:
        read_protocol(
            document("calm: {ask: {de: Ruhig?}, kind: yes_no, release: keep}", head=TWO_LANGUAGES), name="any"
        )

    assert [mistake.sentence for mistake in refusal.value.mistakes] == [
        "Write this text in en too: it is shown where another language is missing."
    ]


def test_a_document_in_one_language_has_nothing_to_translate():
    assert warnings_of(document()) == []


def test_reasons_for_no_answer_have_words_of_their_own_or_ours():
    ours = item("kind: yes_no, release: keep, missing: [not_applicable, not_said]")
    own = item("kind: yes_no, release: keep, missing: {not_said: That is my affair}")

    assert dict(ours.missing) == {
        "not_applicable": "This does not apply to me",
        "not_said": "I prefer not to say",
    }
    assert dict(own.missing) == {"not_said": "That is my affair"}


def test_a_length_of_time_is_limited_and_banded_in_minutes():
    slept = item("kind: duration, maximum: 24 hours, release: {band: [0 hours, 4 hours, 480]}")

    assert (slept.minimum, slept.maximum) == (0, 1440)
    assert slept.release.parameters["edges"] == (0, 240, 480)


def test_a_body_map_knows_its_19_regions():
    assert len(item("kind: body_map, release: count").choices) == 19


def test_a_group_holds_questions_without_a_release_of_their_own():
    medicines = item("kind: group, at_most: 5, items: {name: {ask: N?, kind: text, max_length: 40}}, release: count")

    assert medicines.at_most == 5
    assert medicines.items["name"].release == Release("drop")


def test_a_score_has_the_limits_that_were_published():
    points = "kind: integer, minimum: 0, maximum: 3, release: keep}"
    items = f"a: {{ask: A?, {points}\nb: {{ask: B?, {points}\nphq: {{ask: Both, kind: score, score: PHQ-2, of: [a, b], release: keep}}"

    score = study(items).instruments["evening"].items["phq"]

    assert (score.minimum, score.maximum, score.of) == (0, 6, ("a", "b"))


def test_choices_become_broader_ones_with_a_text_or_without():
    choices = "kind: choice, choices: {a: Apple, b: Pear, c: Carrot}, "

    fruit = item(choices + "release: {map: {fruit: {text: Any fruit, codes: [a, b]}, c: [c]}}")

    assert dict(fruit.release.parameters["choices"]) == {"fruit": "Any fruit", "c": "Carrot"}


def test_what_a_question_was_is_kept_with_the_codes_it_had():
    where = item("kind: choice, choices: {a: Apple, b: Pear}, was: fruit, recode: {apple: a, A: a}, release: keep")

    assert (where.was, dict(where.recode)) == ("fruit", {"apple": "a", "A": "a"})


SAFE = """\
monitoring: {zone: Europe/London, hours: {mon-thu: "09:00-17:00", fri: "09:00-24:00"}}
contacts:
  GB: [{name: Helpline, phone: "116 123", hours: day and night, web: "https://example.org"}]
  elsewhere: [{name: Emergency, phone: "112"}]
eligibility:
  young: {when: age < 18, say: You must be 18 to take part.}
alerts:
  calm: {on: evening, when: calm == no, level: urgent, title: Not calm, say: Take care., act: Call them.}
  still: {on: evening, when: calm == no and evening.calm == no, level: urgent, title: Still not calm}
"""
SCREENING = "  first: {title: First, schedule: {before: consent}, items: {age: {ask: Age?, kind: integer, minimum: 0, maximum: 120, release: drop}}}\n"


def test_what_keeps_people_safe_is_in_the_study():
    protocol = read_protocol(document() + SCREENING + SAFE, name="any")

    assert protocol.warnings == ()
    assert [tuple(sorted(hours.days)) for hours in protocol.monitoring.hours] == [(0, 1, 2, 3), (4,)]
    assert {country: [one.phone for one in lines] for country, lines in protocol.contacts.items()} == {
        "GB": ["116 123"],
        "": ["112"],
    }
    assert [one.say for one in protocol.ineligibility] == ["You must be 18 to take part."]
    assert protocol.screening is protocol.instruments["first"]
    assert {name: alert.reads_former for name, alert in protocol.alerts.items()} == {"calm": False, "still": True}


def test_a_level_that_only_one_alert_has_is_worth_a_look():
    alone = SAFE.replace("level: urgent, title: Still", "level: low, title: Still")

    found = warnings_of(document() + SCREENING + alone)

    assert [place for place, _ in found] == ["alerts.calm.level", "alerts.still.level"]


def test_alerts_that_nobody_reads_and_urgent_ones_without_contacts_are_worth_a_look():
    bare = SAFE[SAFE.index("eligibility") :]

    found = warnings_of(document() + SCREENING + "monitoring: nobody\n" + bare)

    assert [place for place, _ in found] == ["alerts", "alerts.calm", "alerts.still"]


@pytest.mark.parametrize(
    ("schedule", "form"),
    [
        ('{every: 1 month, from: day 29, opens: "00:00", for: 5 days, grace: 5 days}', "monthly"),
        ("{on_enrolment: true, for: 2 days, grace: 1 day}", "on_enrolment"),
        ("{before: consent}", "before_consent"),
        ('{every: 2 weeks, opens: "00:00", for: 5 days, grace: 5 days}', "every"),
    ],
)
def test_a_schedule_has_its_form(schedule, form):
    assert study(schedule=schedule).instruments["evening"].schedule.form == form


def test_an_instrument_follows_an_event_and_says_who_fills_it_in():
    text = document(schedule="{on_demand: true, back: 1 day}")
    text += "  later: {title: Later, by: clinician, schedule: {after: evening, delay: 4 hours, for: 8 hours, grace: 1 day}, "
    text += f"items: {{{ONE_ITEM}}}}}\n"

    later = read_protocol(text, name="any").instruments["later"]

    assert (later.by, later.schedule.after, str(later.schedule.delay)) == ("clinician", "evening", "4 hours")
