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
    (2, "disclosure.threshold", "Write a whole number from 10 to 1000"),
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


PAIN = "pain: {ask: Pain?, kind: rating, low: None, high: Worst, release: keep}\n"


@pytest.mark.parametrize(
    ("item", "beginning"),
    [
        ("{ask: It?, kind: yes_no, when: it == yes, release: keep}", "A question cannot decide whether it is asked itself."),
        ("{ask: It?, kind: yes_no, when: pain + 1 > 3, release: keep}", "At character 1, something is calculated."),
        ("{ask: It?, kind: yes_no, when: pain > 11, release: keep}", "At character 6, "),
        ("{ask: It?, kind: yes_no, when: pain > yes, release: keep}", "At character"),
        ("{ask: It?, kind: yes_no, when: pian > 3, release: keep}", "At character 1, there is no item pian here."),
        ("{ask: It?, kind: yes_no, when: evening.pain > 3, release: keep}", "A question can only use answers of its own"),
        ("{ask: It?, kind: computed, formula: it + 1, minimum: 0, maximum: 9, release: keep}", "This is worked out from itself"),
        ("{ask: It?, kind: computed, formula: pain > 3, minimum: 0, maximum: 9, release: keep}", "At character"),
        ("{ask: It?, kind: computed, formula: pain, minimum: 0, maximum: 9, release: keep, required: true}", "A question of kind computed has no required."),
        ("{ask: It?, kind: computed, formula: pain, minimum: 0, maximum: 9, release: keep, carry_over: true}", "A question of kind computed has no carry_over."),
        ("{ask: It?, kind: yes_no, release: keep, carry_over: yes}", "Write true or false."),
        ("{ask: It?, kind: heading, release: drop}", "A question of kind heading has no release."),
        ("{ask: It?, kind: duration, maximum: 24, release: keep}", "minimum and maximum of this kind are each a length of time"),
        ("{ask: It?, kind: integer, minimum: 0, maximum: 8 hours, release: keep}", "minimum and maximum of this kind are each a number"),
        ("{ask: It?, kind: text, max_length: 300, release: drop}", "A line has at most 200 characters"),
        ("{ask: It?, kind: choices, choices: {a: One, b: Two}, none: Two, release: keep}", "Two choices have the same text."),
        ("{ask: It?, kind: choice, choices: {a: One, b: Two}, recode: {x: c}, release: keep}", "recode leads to c, which is not among"),
        ("{ask: It?, kind: yes_no, recode: {x: c}, release: keep}", "A question of kind yes_no has no recode."),
        ("{ask: It?, kind: yes_no, was: pain, release: keep}", "pain is still a question here"),
        ("{ask: It?, kind: yes_no, missing: [no_idea], release: keep}", "Write not_said or not_applicable."),
        ("{ask: It?, kind: yes_no, missing: {no_idea: I forgot}, release: keep}", "The reasons are not_said or not_applicable."),
        ("{ask: It?, kind: yes_no, missing: [not_said, not_said], release: keep}", "Write each reason once."),
        ("{ask: It?, kind: score, score: PHQ-7, of: [pain], release: keep}", "Write PEG, PHQ-2"),
        ("{ask: It?, kind: score, score: PEG, of: [pain, pain, pain], release: keep}", "Write each question once."),
        ("{ask: It?, kind: score, score: PEG, of: [pain, a, b], release: keep}", "There is no question a in this instrument."),
        ("{ask: It?, kind: group, at_most: 3, release: drop}", "Write the questions of the group (items)."),
        ("{ask: It?, kind: group, at_most: 3, items: {a: {ask: A?, kind: group}}, release: drop}", "Write rating, analogue"),
        ("{ask: It?, kind: group, at_most: 3, items: {a: {ask: A?, kind: yes_no, release: keep}}, release: drop}", "This name is not known here."),
        ("{ask: It?, kind: choice, choices: {a: One, b: Two}, release: {shorten: 9}}", "Write how many characters"),
        ("{ask: It?, kind: yes_no, release: {map: {a: [yes]}}}", "A yes_no cannot be released so."),
    ],
)  # fmt: skip
def test_what_contradicts_another_question_or_its_kind_is_a_mistake(item, beginning):
    found = mistakes_in(document(f"{PAIN}it: {item}"))

    assert any(sentence.startswith(beginning) for *_, sentence in found), found
    assert all(path.startswith("instruments.evening.items.it") for _, path, _ in found)


def test_a_circle_of_three_is_told_once_by_name():
    made = "{ask: It?, kind: computed, minimum: 0, maximum: 9, release: keep, formula: "

    found = mistakes_in(document(f"{PAIN}a: {made}b + pain}}\nb: {made}c}}\nc: {made}a}}"))

    assert [path for _, path, _ in found] == ["instruments.evening.items.a"]
    assert "a needs b, b needs c, c needs a." in found[0][2]


def test_what_is_worked_out_cannot_decide_what_is_asked():
    items = f"{PAIN}twice: {{ask: Twice, kind: computed, formula: pain * 2, minimum: 0, maximum: 20, release: keep}}\n"
    items += "it: {ask: It?, kind: yes_no, when: twice > 3, release: keep}"

    ((_, path, sentence),) = mistakes_in(document(items))

    assert path == "instruments.evening.items.it.when"
    assert sentence == "twice is worked out after the form is sent. Use the answers themselves."


def test_a_branch_on_a_branch_that_excludes_it_is_never_reached():
    items = f"{PAIN}high: {{ask: High?, kind: yes_no, when: pain > 7, release: keep}}\n"
    items += "low: {ask: Low?, kind: yes_no, when: high == yes and pain < 3, release: keep}"

    ((_, path, sentence),) = mistakes_in(document(items))

    assert path == "instruments.evening.items.low.when"
    assert sentence.startswith("This can never hold")


def test_two_questions_cannot_have_been_the_same_one():
    items = "a: {ask: A?, kind: yes_no, was: old, release: keep}\nb: {ask: B?, kind: yes_no, was: old, release: keep}"

    ((_, path, sentence),) = mistakes_in(document(items))

    assert (path, sentence.split(".")[0]) == ("instruments.evening.items.b.was", "a was old already")


SCREENING = "  screening: {title: First, schedule: {before: consent}, items: {age: {ask: Age?, kind: integer, minimum: 0, maximum: 120, release: drop}}}\n"


@pytest.mark.parametrize(
    ("parts", "path", "beginning"),
    [
        ("languages: [en, en]", "languages", "Write each language once."),
        ("languages: [English]", "languages[1]", "Write the code of a language"),
        ("monitoring: sometimes", "monitoring", "Write nobody."),
        ("monitoring: {zone: London, hours: {mon: \"09:00-17:00\"}}", "monitoring.zone", "This time zone is not known."),
        ("monitoring: {zone: UTC, hours: {mon: 9-17}}", "monitoring.hours.mon", "Write from when to when"),
        ("monitoring: {zone: UTC, hours: {mon-fri: \"09:00-17:00\", wed: \"09:00-12:00\"}}", "monitoring.hours", "A day stands here twice."),
        ("contacts: {GB: [{name: Line}]}", "contacts.GB[1]", "Give the telephone number"),
        ("contacts: {GB: [{name: Line, phone: call us}]}", "contacts.GB[1].phone", "Write a telephone number"),
        ("contacts: {GB: [{name: Line, phone: \"123\", web: http://a.org}]}", "contacts.GB[1].web", "Write an address that begins with https"),
        ("alerts: {a: {on: evening, when: calm > 3, level: high, title: A}}", "alerts.a.when", "At character"),
        ("alerts: {a: {on: evening, when: screening.calm == yes, level: high, title: A}}", "alerts.a.when", "At character 1, there is no item"),
        ("alerts: {a: {on: evening, when: calm == yes and calm == no, level: high, title: A}}", "alerts.a.when", "This can never hold"),
        ("alerts: {a: {on: evening, when: calm == yes, level: grave, title: A}}", "alerts.a.level", "Write low, high or urgent."),
        ("eligibility: {a: {when: calm == yes, say: No.}}", "eligibility.a.when", "At character 1, there is no item calm here"),
        ("eligibility: {a: {when: age > 200, say: No.}}", "eligibility.a.when", "At character"),
    ],
)  # fmt: skip
def test_what_keeps_people_safe_is_held_against_the_instruments(parts, path, beginning):
    found = mistakes_in(document() + SCREENING + parts)

    assert [place for _, place, _ in found] == [path]
    assert found[0][2].startswith(beginning)


def test_only_one_instrument_comes_before_consent():
    second = SCREENING.replace("screening", "another")

    ((_, path, sentence),) = mistakes_in(document() + SCREENING + second)

    assert path == "instruments.another.schedule"
    assert "screening" in sentence


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
        ("{before: lunch}", "Write consent."),
        ("{on_enrolment: true, for: 0 days, grace: 1 day}", "It must be open for some time"),
        ('{every: 1 month, opens: "00:00", for: 20 days, grace: 9 days}', "for and grace together must not be longer"),
        ("{after: nothing, delay: 1 hour, for: 1 hour, grace: 1 hour}", "There is no instrument nothing."),
        ("{after: evening, delay: 1 hour, for: 1 hour, grace: 1 hour}", "evening is no event"),
        ('{once: day 1, opens: "00:00", for: 9999 weeks, grace: 1 day}', "Study days are counted up to"),
    ],
)
def test_a_schedule_that_cannot_be_kept_is_a_mistake(schedule, beginning):
    ((line, path, sentence),) = mistakes_in(document(schedule=schedule))

    assert (line, path.startswith("instruments.evening.schedule")) == (15, True)
    assert sentence.startswith(beginning)


def test_what_is_asked_once_has_nothing_to_take_over():
    schedule = '{once: day 1, opens: "17:00", for: 10 hours, grace: 12 hours}'

    found = mistakes_in(document("it: {ask: It?, kind: yes_no, release: keep, carry_over: true}", schedule=schedule))

    assert [(path, sentence) for _, path, sentence in found] == [
        (
            "instruments.evening.items.it.carry_over",
            "This is asked once, so there is no entry before it. Remove carry_over.",
        )
    ]


@pytest.mark.parametrize(
    "item",
    [
        "{ask: It?, kind: group, at_most: 30, items: {name: {ask: N?, kind: text, max_length: 60}}, release: drop}",
        "{ask: It?, kind: choices, choices: {" + ", ".join(f"{'code' * 5}_{n}: Choice {n}" for n in range(150)) + "}, release: drop}",
    ],
)  # fmt: skip
def test_groups_and_many_choices_count_for_the_room_on_demand(item):
    ((_, path, sentence),) = mistakes_in(document(f"it: {item}", schedule="{on_demand: true, back: 0 days}"))

    assert path == "instruments.evening"
    assert "has room for 3400" in sentence


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
    head = HEAD.replace("threshold: 11, rounding: 5", "threshold: 9, rounding: 4, ledger: 60")

    found = mistakes_in(document(head=head))

    assert [path for _, path, _ in found] == ["disclosure.ledger", "disclosure.rounding", "disclosure.threshold"]


SIGNING = """\
  check:
    Leaving: {ask: When?, choices: {now: Now, never: Never}, right: now, why: Always.}
    erasing: {ask: What?, choices: {gone: Gone, back: Back}, right: away, why: Gone.}
    alike: {ask: What?, choices: {one: Same, two: Same}, right: one, why: The same.}
    bare: {ask: What?, choices: {one: Only}, right: "no code"}
  name: yes
  countersign: hospital
  until_countersigned: wait
"""
FOUND_IN_SIGNING = [
    (13, "consent.check.Leaving", "A name begins with a small letter"),
    (14, "consent.check.erasing", "There is no choice away"),
    (15, "consent.check.alike", "Two choices have the same text"),
    (16, "consent.check.bare", "Write what is shown to somebody who chose another one: why."),
    (16, "consent.check.bare.choices", "There must be from 2 to 6 choices here"),
    (16, "consent.check.bare.right", "A code holds"),
    (17, "consent.name", "Write required."),
    (18, "consent.countersign", "Write clinic."),
    (19, "consent.until_countersigned", "Write continue or pause."),
]


def test_mistakes_in_what_signing_asks_are_reported_with_their_lines():
    found = mistakes_in(document(head=HEAD + SIGNING))

    assert [(line, path) for line, path, _ in found] == [(line, path) for line, path, _ in FOUND_IN_SIGNING]
    for (*_, said), (*_, sentence) in zip(found, FOUND_IN_SIGNING, strict=True):
        assert said.startswith(sentence)


def test_waiting_for_a_countersignature_that_nobody_gives_is_a_mistake():
    ((_, path, said),) = mistakes_in(document(head=HEAD + "  until_countersigned: pause\n"))

    assert path == "consent" and "add countersign: clinic" in said
