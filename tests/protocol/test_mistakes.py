"""Every mistake is reported at once, with its line, its place and a sentence."""

import pytest

from tests.protocol import seeded
from tests.protocol.documents import HEAD, document, mistakes_in

SEEDED = """\
study: {code: NS 1, title: North study}
disclosure: {threshold: 5, rounding: 5}
consent:
  version: "1"
  title: Taking part
  sections:
    - {heading: Why}
  scopes:
    study: {ask: I take part.}
    sharing: {ask: Share., shares: yes}
  withdrawal: [remove, burn]
instruments:
  evening:
    title: Evening
    schedule: {every: 1 day, opens: 5pm, for: 10 hours, grace: 12 hours}
    items:
      pain: {ask: Pain?, kind: rating, low: None, high: Worst}
      Mood: {ask: Mood?, kind: rating, low: Bad, high: Good, release: keep}
      calm: {ask: Calm?, kind: yes_no, release: keep, minimum: 3}
      note: {ask: Note?, kind: notes, max_length: 100, release: keep}
      sleep:
        ask: Hours slept?
        kind: decimal
        minimum: 24
        maximum: 0
        relase: keep
        release: keep
      where: {ask: Where?, kind: choice, release: keep}
      steps: {ask: Steps?, kind: integer, minimum: 0, maximum: 9, release: {band: [5, 3]}}
      born: {ask: Born?, kind: date, release: keep}
      calm: {ask: Twice?, kind: yes_no, release: keep}
      odd: {ask: Odd?, kind: slider, release: keep}
      age: {ask: "", kind: integer, minimum: 0, maximum: 9, release: top_code}
  weekly:
    title: Weekly
    schedule: {every: 1 day, opens: "17:00", for: 20 hours, grace: 12 hours}
    items: {calm: {ask: Calm?, kind: yes_no, release: vanish}}
"""

# line, place, the beginning of the sentence
FOUND = [
    (1, "study", "Give the version"),
    (1, "study.code", "A code holds letters"),
    (2, "disclosure.threshold", "Write a whole number from 11 to 1000"),
    (7, "consent.sections[1]", "Write the text of this section."),
    (8, "consent.scopes", "One scope must be the study itself"),
    (10, "consent.scopes.sharing.shares", "Write true or false."),
    (11, "consent.withdrawal", "Everybody may always stop"),
    (11, "consent.withdrawal[2]", "Write stop, remove or erase."),
    (15, "instruments.evening.schedule.opens", "Write a time from"),
    (17, "instruments.evening.items.pain", "Say how this answer is released"),
    (18, "instruments.evening.items.Mood", "A name begins with a small letter"),
    (19, "instruments.evening.items.calm.minimum", "A question of kind yes_no has no minimum."),
    (20, "instruments.evening.items.note.release", "Free text can only be dropped. Write drop."),
    (21, "instruments.evening.items.sleep", "minimum must be smaller"),
    (26, "instruments.evening.items.sleep.relase", "This name is not known here. Did you mean release?"),
    (28, "instruments.evening.items.where", "Give the choices, each with a code and a text"),
    (29, "instruments.evening.items.steps.release", "Write where each band begins, in increasing order"),
    (30, "instruments.evening.items.born.release", "A date cannot be released so. Write drop or relative_day."),
    (31, "instruments.evening.items.calm", "This name is used twice, first on line 19."),
    (32, "instruments.evening.items.odd.kind", "Write rating, analogue, integer"),
    (33, "instruments.evening.items.age.ask", "Something must stand here; it is empty."),
    (33, "instruments.evening.items.age.release", "top_code needs to know more. Write release: {top_code: 80}."),
    (36, "instruments.weekly.schedule", "for and grace together must not be longer than the 24 hours"),
    (37, "instruments.weekly.items.calm.release", "There is no such treatment. Write keep, drop, band"),
]


def test_a_document_with_24_seeded_mistakes_has_all_of_them_reported_and_no_others():
    found = mistakes_in(SEEDED)

    assert [(line, path) for line, path, _ in found] == [(line, path) for line, path, _ in FOUND]
    for (*_, sentence), (*_, beginning) in zip(found, FOUND, strict=True):
        assert sentence.startswith(beginning)


def test_a_document_with_20_mistakes_in_its_finer_parts_has_all_of_them_reported_and_no_others():
    found = mistakes_in(seeded.SEEDED)

    assert [(line, path) for line, path, _ in found] == [(line, path) for line, path, _ in seeded.FOUND]
    for (*_, sentence), (*_, beginning) in zip(found, seeded.FOUND, strict=True):
        assert sentence.startswith(beginning)


@pytest.mark.parametrize(("line", "path", "beginning"), FOUND)
def test_each_sentence_says_what_to_do(line, path, beginning):
    found = mistakes_in(SEEDED)

    sentences = [sentence for at, place, sentence in found if (at, place) == (line, path)]

    assert any(sentence.startswith(beginning) and sentence.endswith((".", "?")) for sentence in sentences)


@pytest.mark.parametrize(
    ("items", "beginning"),
    [
        ("it: {ask: It?, kind: integer, minimum: 0, maximum: 9.5, release: keep}", "The limits of a whole number"),
        ("it: {ask: It?, kind: integer, minimum: 0, maximum: 010, release: keep}", "Write a number, such as 10"),
        ("it: {ask: It?, kind: integer, minimum: 0, maximum: 9, release: {band: [3, 12]}}", "Every number must lie"),
        ("it: {ask: It?, kind: integer, minimum: 0, maximum: 9, release: {band: [2.5]}}", "Answers are whole numbers"),
        ("it: {ask: It?, kind: integer, minimum: 0, maximum: 9, release: {band: [0]}}", "Write where each band begins"),
        ("it: {ask: It?, kind: integer, minimum: 0, maximum: 9, release: {keep: 1}}", "keep stands alone"),
        ("it: {ask: It?, kind: yes_no, release: {keep: 1, drop: 1}}", "Name one treatment"),
        ("it: {ask: It?, kind: choice, release: keep, choices: {a: One}}", "There must be from 2 to 200 choices"),
        ("it: {ask: It?, kind: choice, release: keep, choices: {a: One, b: One}}", "Two choices have the same text"),
        ("it: {ask: It?, kind: choice, release: keep, choices: [One, Two]}", "Each choice needs a code of its own"),
        ("it: {ask: It?, kind: choice, release: keep, choices: {a b: One, c: Two}}", "A code holds letters"),
        ("it: {ask: [It], kind: yes_no, release: keep}", "Write one text here"),
        ("it: {ask: null, kind: yes_no, release: keep}", "Something must stand here"),
        ("it: {ask: It?, kind: yes_no, release: keep, required: yes}", "Write true or false."),
        ("it: yes", "Write this as a group of names"),
    ],
)
def test_what_contradicts_itself_in_an_item_is_a_mistake(items, beginning):
    found = mistakes_in(document(items))

    assert len(found) == 1 or items == "it: yes"
    assert found[0][2].startswith(beginning)


@pytest.mark.parametrize(
    ("schedule", "beginning"),
    [
        ("daily", "Write one of: {once: day 1"),
        ("{every: 1 day, once: day 1}", "Write one of: {once: day 1"),
        ('{every: 0 days, opens: "17:00", for: 1 hour, grace: 0 hours}', "Write a number of days, weeks or months"),
        ('{every: 1 hour, opens: "17:00", for: 1 hour, grace: 0 hours}', "Write a number of days, weeks or months"),
        ('{every: 1 day, opens: "17:00", for: 0 hours, grace: 1 hour}', "It must be open for some time"),
        ('{every: 1 day, opens: "24:00", for: 1 hour, grace: 1 hour}', "Write a time from"),
        ('{every: 1 day, opens: "17:00", for: 1 hour, grace: 1 hour, from: day 9, until: day 8}', "until must not be"),
        ('{every: 1 day, opens: "17:00", for: 1 hour, grace: 1 hour, from: day 0}', "Write a study day"),
        ('{once: day 99999, opens: "17:00", for: 1 hour, grace: 1 hour}', "Study days are counted up to"),
        ("{on_demand: true}", "Say how far back"),
        ("{on_demand: false, back: 1 day}", "Write true."),
    ],
)
def test_a_schedule_that_cannot_be_kept_is_a_mistake(schedule, beginning):
    ((line, path, sentence),) = mistakes_in(document(schedule=schedule))

    assert (line, path.startswith("instruments.evening.schedule")) == (15, True)
    assert sentence.startswith(beginning)


def test_an_entry_on_demand_that_could_outgrow_its_padding_is_a_mistake():
    items = "\n".join(f"n{i}: {{ask: It?, kind: notes, max_length: 300, release: drop}}" for i in range(3))

    ((_, path, sentence),) = mistakes_in(document(items, schedule="{on_demand: true, back: 0 days}"))

    assert path == "instruments.evening"
    assert "max_length" in sentence
    assert mistakes_in(document(items)) == []


@pytest.mark.parametrize("part", ["study", "disclosure", "consent", "instruments"])
def test_a_document_without_one_of_its_parts_is_a_mistake(part):
    whole = document().replace(f"{part}:", f"not_{part}:")

    found = mistakes_in(whole)

    assert part in [path for _, path, _ in found] or any(path == "" for _, path, _ in found)
    assert any(path == f"not_{part}" for _, path, _ in found)


def test_a_consent_form_that_shares_nothing_is_a_mistake():
    head = HEAD.replace(", shares: true", "")

    ((line, path, sentence),) = mistakes_in(document(head=head))

    assert (line, path) == (8, "consent.scopes")
    assert sentence.startswith("One scope must have shares: true")


def test_a_study_that_is_less_careful_than_the_floor_is_a_mistake():
    head = HEAD.replace("threshold: 11, rounding: 5", "threshold: 10, rounding: 4")

    found = mistakes_in(document(head=head))

    assert [path for _, path, _ in found] == ["disclosure.rounding", "disclosure.threshold"]
