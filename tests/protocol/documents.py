"""Small study documents for tests: a whole one, of which a test replaces the part that it is about."""

from textwrap import indent

from studyportal.protocol import ConsentForm, Item, Protocol, ProtocolMistakes, read_protocol

HEAD = """\
study: {code: NS-1, title: North study, version: "1.10"}
disclosure: {threshold: 11, rounding: 5}
consent:
  version: "1"
  title: Taking part
  sections:
    - {heading: Why, body: To learn.}
  scopes:
    study: {ask: I take part., required: true}
    sharing: {ask: Researchers may use my answers., shares: true}
  withdrawal: [stop, remove, erase]
"""
EVERY_EVENING = '{every: 1 day, opens: "17:00", for: 10 hours, grace: 12 hours}'
ONE_ITEM = "calm: {ask: Were you calm?, kind: yes_no, release: keep}"


def document(items: str = ONE_ITEM, schedule: str = EVERY_EVENING, head: str = HEAD) -> str:
    """A whole document with one instrument, `evening`."""
    return (
        f"{head}instruments:\n  evening:\n    title: Evening\n    schedule: {schedule}\n"
        f"    items:\n{indent(items, ' ' * 6)}\n"
    )


def study(items: str = ONE_ITEM, schedule: str = EVERY_EVENING, head: str = HEAD) -> Protocol:
    return read_protocol(document(items, schedule, head), name="north.yaml")


def item(written: str) -> Item:
    """The item that `written` describes, such as "kind: yes_no, release: keep"."""
    return study(f"it: {{ask: It?, {written}}}").instruments["evening"].items["it"]


def understood(form: ConsentForm) -> dict[str, str]:
    """The right answers to the questions about a consent form, as its page sends them."""
    return {f"check-{name}": question.right for name, question in form.check.items()}


def mistakes_in(text: str) -> list[tuple[int, str, str]]:
    try:
        read_protocol(text, name="north.yaml")
    except ProtocolMistakes as refusal:
        return [tuple(mistake) for mistake in refusal.mistakes]
    return []


# One item of each kind, with each of its answers as a form sends it, as an app sends it, and as it is kept.
EVERY_KIND = """\
how: {ask: How much?, kind: rating, low: None, high: A lot, release: keep}
how_many: {ask: How many?, kind: integer, minimum: -5, maximum: 1000, release: keep}
hours: {ask: How long?, kind: decimal, minimum: -1, maximum: 24, unit: hours, release: keep}
calm: {ask: Were you calm?, kind: yes_no, release: keep}
where: {ask: Where?, kind: choice, choices: {yes: Here, "012": There, 1.10: Elsewhere}, release: keep}
day: {ask: Which day?, kind: date, release: relative_day}
clock: {ask: What time?, kind: time, release: hour}
note: {ask: What else?, kind: notes, max_length: 80, release: drop}
"""
