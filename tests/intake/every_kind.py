"""A study that asks one question of every kind, in two languages, with alerts, a follow-up and whom to call."""

DOCUMENT = """\
languages: [en, de]
study: {code: ALL-1, title: {en: Every kind, de: Jede Art}, version: "1.0"}
notices:
  emergency: In danger now? Call your local emergency number.
monitoring: {zone: Europe/Berlin, hours: {mon-fri: "09:00-17:00"}}
contacts:
  GB: [{name: Samaritans, phone: "116 123", hours: day and night, web: "https://www.samaritans.org"}]
  DE: [{name: TelefonSeelsorge, phone: "0800 1110111", hours: day and night}]
  elsewhere: [{name: Find a helpline, phone: "112"}]
disclosure: {threshold: 11, rounding: 5}
consent:
  version: "1"
  title: {en: Taking part, de: Teilnehmen}
  sections:
    - {heading: {en: Why, de: Warum}, body: {en: To learn., de: Um zu lernen.}}
  scopes:
    study: {ask: {en: I take part., de: Ich nehme teil.}, required: true}
    sharing: {ask: {en: Researchers may use my answers., de: Forschende dürfen meine Antworten nutzen.}, shares: true}
  withdrawal: [stop, remove, erase]
alerts:
  severe: {on: evening, when: pain >= 9, level: high, title: Severe pain, say: This is a lot of pain. You do not have to sit it out alone.}
  harm: {on: evening, when: low == "often", level: urgent, title: Low, say: Thank you for telling us. Talk to somebody today.}
  silent: {on: evening, when: steps > 90000, level: low, title: Many steps}
  worse: {on: evening, when: pain - evening.pain >= 4, level: high, title: Worse, say: Never told here.}
instruments:
  evening:
    title: {en: Everything this evening, de: Alles heute Abend}
    hint: One question of every kind.
    schedule: {every: 1 day, opens: "17:00", for: 10 hours, grace: 12 hours}
    items:
      about_pain: {ask: Your pain, kind: heading}
      pain: {ask: {en: How strong was your pain?, de: Wie stark war Ihr Schmerz?}, hint: On average since yesterday evening., kind: rating, low: No pain, high: Worst imaginable, release: keep, required: true, missing: [not_said]}
      relief: {ask: How much relief did you have?, kind: analogue, low: None at all, high: Complete, release: keep, missing: {not_applicable: I took nothing for it}}
      places: {ask: Where did it hurt?, kind: body_map, release: count}
      flare: {ask: Was today a flare-up?, hint: "Clearly worse than your usual, for hours.", kind: yes_no, release: keep}
      flare_cause: {ask: What do you think set it off?, kind: notes, max_length: 300, when: flare == yes, release: drop}
      word: {ask: One word for today, kind: text, max_length: 40, release: drop, missing: [not_said]}
      about_day: {ask: Your day, kind: heading}
      how_to: {ask: "Rough numbers are fine here. Nobody checks them.", kind: explanation}
      steps: {ask: Steps, kind: integer, minimum: 0, maximum: 100000, unit: steps, release: {top_code: 30000}}
      weight: {ask: Your weight, kind: decimal, minimum: 20, maximum: 300, unit: kg, release: drop, missing: [not_said, not_applicable]}
      slept: {ask: How long did you sleep?, kind: duration, maximum: 24 hours, release: keep, missing: [not_said]}
      helped: {ask: What helped?, kind: choices, choices: {rest: Rest, warmth: Warmth, movement: Movement}, none: Nothing did, release: keep, missing: [not_said]}
      movement_kind: {ask: Which movement?, kind: choice, choices: {walk: A walk, yoga: Yoga or stretching, other: Something else}, when: '"movement" in helped', release: keep}
      low: {ask: Did you think of harming yourself?, kind: choice, choices: {never: Not at all, sometimes: At times, often: Often}, release: keep, missing: [not_said]}
      went_out: {ask: When were you last outside?, kind: date, release: relative_day}
      bed: {ask: When did you go to bed?, kind: time, release: hour}
      woke: {ask: When did you get up?, kind: date_time, release: drop}
      medicines:
        ask: Which medicines did you take?
        hint: One row for each.
        kind: group
        at_most: 5
        items:
          name: {ask: Name, kind: text, max_length: 60, required: true}
          amount: {ask: Amount, kind: decimal, minimum: 0, maximum: 10000, unit: mg}
          regular: {ask: Every day?, kind: yes_no}
        release: count
      enjoyment: {ask: How much did pain get in the way of enjoying life?, kind: rating, low: Not at all, high: Completely, release: keep}
      activity: {ask: How much did pain get in the way of what you do?, kind: rating, low: Not at all, high: Completely, release: keep}
      peg: {ask: Pain and what it kept you from, kind: score, score: PEG, of: [pain, enjoyment, activity], release: keep}
      twice: {ask: Twice the pain, kind: computed, formula: pain * 2, minimum: 0, maximum: 20, release: keep}
  dose:
    title: Something I took
    schedule: {on_demand: true, back: 2 days}
    items:
      taken_at: {ask: When?, kind: date_time, required: true, release: drop}
  after_dose:
    title: How it went on
    schedule: {after: dose, delay: 4 hours, for: 8 hours, grace: 12 hours}
    items:
      effect: {ask: Did you feel it?, kind: yes_no, release: keep}
  examination:
    title: Examination
    by: clinician
    schedule: {on_demand: true, back: 2 days}
    items:
      seen: {ask: Seen?, kind: yes_no, release: keep}
"""

# What a participant answers in the browser tests, and what then stands in her entry.
KEPT = {
    "pain": 9,
    "relief": 40,
    "places": ["left_hip", "lower_back"],
    "flare": True,
    "flare_cause": "Rain, and\na long drive.",
    "word": "Grey",
    "steps": 4200,
    "weight": 71.5,
    "slept": 450,
    "helped": ["warmth", "movement"],
    "movement_kind": "walk",
    "low": "never",
    "bed": "22:40",
    "medicines": [{"name": "Paracetamol", "amount": 500.0, "regular": False}, {"name": "Ibuprofen"}],
    "enjoyment": 6,
    "activity": 6,
    "peg": 7.0,
    "twice": 18.0,
}
