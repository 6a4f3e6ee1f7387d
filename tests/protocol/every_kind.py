"""One question of every kind, and answers to it that can be taken: in the form of an app, and drawn by hypothesis."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from studyportal.protocol import KINDS
from studyportal.protocol.kinds import REGIONS
from tests.protocol.documents import study

WRITTEN = """\
about: {ask: About today, kind: heading}
rating: {ask: How much?, kind: rating, low: None, high: A lot, release: keep}
analogue: {ask: How strong?, kind: analogue, low: Not at all, high: Very, release: keep}
integer: {ask: How many?, kind: integer, minimum: -5, maximum: 1000, release: keep}
decimal: {ask: How heavy?, kind: decimal, minimum: -1, maximum: 24, unit: kg, release: keep}
yes_no: {ask: Were you calm?, kind: yes_no, release: keep}
choice: {ask: Where?, kind: choice, choices: {yes: Here, "012": There, 1.10: Elsewhere}, release: keep}
choices: {ask: What helped?, kind: choices, choices: {rest: Rest, walk: A walk, heat: Heat}, none: Nothing, release: keep}
date: {ask: Which day?, kind: date, release: relative_day}
time: {ask: What time?, kind: time, release: hour}
date_time: {ask: When did you take it?, kind: date_time, release: relative_day}
duration: {ask: How long did you sleep?, kind: duration, maximum: 24 hours, release: keep}
text: {ask: Which medicine?, kind: text, max_length: 40, release: drop}
notes: {ask: What else?, kind: notes, max_length: 80, release: drop}
body_map: {ask: Where does it hurt?, kind: body_map, release: count}
group:
  ask: Your medicines
  kind: group
  at_most: 3
  release: count
  items:
    name: {ask: "Name of the medicine?", kind: text, max_length: 40, required: true}
    dose: {ask: How much?, kind: decimal, minimum: 0, maximum: 5000, unit: mg}
    since: {ask: Since when?, kind: date}
    often: {ask: How often?, kind: choice, choices: {daily: Every day, needed: When needed}}
computed: {ask: Strain, kind: computed, formula: rating + analogue / 10, minimum: 0, maximum: 20, release: keep}
phq_1: {ask: Little interest?, kind: integer, minimum: 0, maximum: 3, release: keep}
phq_2: {ask: Feeling down?, kind: integer, minimum: 0, maximum: 3, release: keep}
score: {ask: Depression, kind: score, score: PHQ-2, of: [phq_1, phq_2], release: keep}
explanation: {ask: Thank you., kind: explanation}
"""
INSTRUMENT = study(WRITTEN).instruments["evening"]
ITEMS = {item.kind: item for item in INSTRUMENT.items.values() if item.name not in ("phq_1", "phq_2")}

signs = st.characters(exclude_categories=["Cs", "Cc"])
days = st.dates(date(1973, 1, 2), date(2199, 12, 30))
rows = st.fixed_dictionaries(
    {"name": st.text(signs, min_size=1, max_size=10)},
    optional={
        "dose": st.floats(0, 5000),
        "since": days.map(date.isoformat),
        "often": st.sampled_from(["daily", "needed", None]),
    },
)
codes = st.lists(st.sampled_from(["rest", "walk", "heat"]), unique=True) | st.just(["none"])
regions = st.lists(st.sampled_from(list(REGIONS)), unique=True) | st.just(["none"])
moments = st.datetimes(datetime(1973, 1, 2), datetime(2199, 12, 30), timezones=st.just(ZoneInfo("Europe/Berlin")))

# Kind -> answers as an app sends them.
SENT = {
    "rating": st.integers(0, 10),
    "analogue": st.integers(0, 100),
    "integer": st.integers(-5, 1000),
    "decimal": st.floats(-1, 24) | st.integers(-1, 24),
    "yes_no": st.booleans(),
    "choice": st.sampled_from(["yes", "012", "1.10"]),
    "choices": codes,
    "date": days.map(date.isoformat),
    "time": st.times().map(lambda clock: clock.isoformat("minutes")),
    "date_time": moments.map(lambda moment: moment.replace(tzinfo=None).isoformat(timespec="minutes")),
    "duration": st.integers(0, 24 * 60),
    "text": st.text(signs, max_size=40),
    "notes": st.text(signs | st.sampled_from("\n\t "), max_size=80),
    "body_map": regions,
    "group": st.lists(rows, max_size=3),
}
SILENT = {kind.name for kind in KINDS.values() if not kind.answered}
