"""A document with twenty different mistakes that only the full grammar knows, and what must be said about each."""

SEEDED = """\
languages: [en, de]
study: {code: NS-1, title: {en: North study, fr: Nord}, version: "1.0"}
disclosure: {threshold: 11, rounding: 5}
contacts:
  XX: [{name: Helpline, phone: "116 123"}]
consent:
  version: "1"
  title: Taking part
  sections:
    - {heading: Why, body: To learn.}
  scopes:
    study: {ask: I take part., required: true}
    sharing: {ask: Researchers may use my answers., shares: true}
  withdrawal: [stop, remove, erase]
eligibility:
  young: {when: age < 18, say: You must be 18.}
alerts:
  lost: {on: morning, when: pain > 8, level: high, title: Lost}
  typo: {on: evening, when: evening.pian > 8, level: high, title: Typo}
instruments:
  evening:
    title: Evening
    schedule: {every: 1 day, opens: "17:00", for: 10 hours, grace: 12 hours}
    items:
      pain: {ask: Pain?, kind: rating, low: None, high: Worst, release: keep}
      flare: {ask: Flare?, kind: yes_no, release: keep}
      note: {ask: Note?, kind: notes, max_length: 100, release: drop}
      broken: {ask: Why?, kind: notes, max_length: 100, when: flare = yes, release: drop}
      later: {ask: Why?, kind: yes_no, when: cause == "cold", release: keep}
      cause:
        ask: What was it?
        kind: choice
        choices: {cold: Cold, COLD: Frost}
        release: keep
      never: {ask: Really?, kind: yes_no, when: flare == yes and flare == no, release: keep}
      texts: {ask: Sum, kind: computed, formula: note + 3, minimum: 0, maximum: 9, release: keep}
      first: {ask: First, kind: computed, formula: second + 1, minimum: 0, maximum: 9, release: keep}
      second: {ask: Second, kind: computed, formula: first - 1, minimum: 0, maximum: 9, release: keep}
      depressed: {ask: Score, kind: score, score: PHQ-2, of: [pain], release: keep}
      list: {ask: Which?, kind: choices, choices: [One, Two], release: keep}
      mean: {ask: Mean?, kind: rating, low: None, high: Worst, release: keep}
      pain__worst: {ask: Worst?, kind: rating, low: None, high: Worst, release: keep}
      where: {ask: Where?, kind: choice, choices: {none: Nowhere, here: Here}, release: keep}
      sort:
        ask: Sort?
        kind: choice
        choices: {a: Apple, b: Pear}
        release: {map: {fruit: [a]}}
  follow_up:
    title: After
    schedule: {after: evening, delay: 4 hours, for: 8 hours, grace: 12 hours}
    items: {calm: {ask: Calm?, kind: yes_no, release: keep}}
  event:
    title: Event
    schedule: {on_demand: true, back: 2 days}
    items:
      medicines:
        ask: Which?
        kind: group
        at_most: 30
        items: {name: {ask: Name?, kind: text, max_length: 60}}
        release: drop
"""

# line, place, the beginning of the sentence
FOUND = [
    (2, "study.title.fr", "This is none of the languages of this document: en, de."),
    (5, "contacts.XX", "Write a country as its two capital letters"),
    (15, "eligibility", "There is no screening"),
    (18, "alerts.lost.on", "There is no instrument morning. Write evening, follow_up or event."),
    (19, "alerts.typo.when", "At character 1, there is no"),
    (28, "instruments.evening.items.broken.when", "At character 7, write == to compare."),
    (29, "instruments.evening.items.later.when", "cause is asked later."),
    (33, "instruments.evening.items.cause.choices.COLD", "This differs from cold only by small and capital letters."),
    (35, "instruments.evening.items.never.when", "This can never hold"),
    (36, "instruments.evening.items.texts.formula", "At character 1, a number is expected here"),
    (
        37,
        "instruments.evening.items.first",
        "These are worked out from each other in a circle: first needs second, second",
    ),
    (39, "instruments.evening.items.depressed.of", "PHQ-2 is made of 2 questions; 1 "),
    (39, "instruments.evening.items.depressed.of", "The questions of PHQ-2 go from 0 to 3; pain does not."),
    (40, "instruments.evening.items.list.choices", "Each choice needs a code of its own"),
    (41, "instruments.evening.items.mean", "This name has a meaning of its own."),
    (42, "instruments.evening.items.pain__worst", "Two underscores side by side have a meaning of their own."),
    (43, "instruments.evening.items.where.choices.none", "This name has a meaning of its own."),
    (48, "instruments.evening.items.sort.release", "Say where b goes: every choice needs a broader one."),
    (51, "instruments.follow_up.schedule.after", "evening is no event"),
    (53, "instruments.event", "The answers can take"),
]
