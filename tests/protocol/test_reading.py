"""A good document becomes a study, with every text as it was typed."""

import pytest

from studyportal.errors import Invalid
from studyportal.protocol import ProtocolMistakes, Release, load_protocol, read_protocol
from tests.protocol.documents import EVERY_KIND, HEAD, document, item, study

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
