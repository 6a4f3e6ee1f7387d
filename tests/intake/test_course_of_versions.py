"""Old entries are told in the words of the version that they were written under."""

from studyportal.intake.course.opening import instrument_of
from studyportal.protocol import DiaryEntry
from studyportal.protocol.entry import write_blind
from studyportal.web.telling import told
from tests.protocol.amendments.versions import chain, item

FIRST = item("where", "choice", ask="Where were you?", choices={"h": "At home"})
SECOND = item("place", "choice", ask="Where are you?", choices={"i": "Indoors"}, was="where", recode={"h": "i"})
STUDY = chain((FIRST,), (SECOND,))


def entry(version, **answers):
    return DiaryEntry(
        instrument="evening",
        protocol_version=version,
        diary_date="2026-03-02",
        zone="Europe/Berlin",
        source="participant",
        answers=answers,
        blind=write_blind(bytes(32)),
    )


def test_each_entry_is_told_with_the_questions_and_choices_of_its_own_version():
    old, new = entry("1.0", where="h"), entry("1.1", place="i")

    told_old, told_new = (told(one, instrument_of(one, STUDY)) for one in (old, new))

    assert (list(told_old), list(told_new)) == ([("Where were you?", "At home")], [("Where are you?", "Indoors")])


def test_an_entry_of_an_unknown_version_is_told_as_it_was_written():
    strange = entry("0.9", where="h")

    assert instrument_of(strange, STUDY) is None
    assert list(told(strange, None)) == [("where", "h")]
