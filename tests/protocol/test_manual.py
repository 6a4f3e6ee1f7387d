"""The manual tells of every kind, treatment, schedule and setting, and its example is a study."""

import re
from pathlib import Path

import pytest

from studyportal.protocol import KINDS, TREATMENTS, read_protocol
from studyportal.protocol.document import LEVELS
from studyportal.protocol.reading.consent import CHECK, CONSENT, SCOPE, SECTION, WITHDRAWAL
from studyportal.protocol.reading.document import DISCLOSURE, INSTRUMENT, NOTICES, PROTOCOL, STUDY
from studyportal.protocol.reading.items import ITEM
from studyportal.protocol.reading.questions import REASONS, common_of
from studyportal.protocol.reading.safety import ALERT, CONTACT, INELIGIBILITY, MONITORING
from studyportal.protocol.reading.schedules import SCHEDULES
from studyportal.protocol.scores import SCORES

MANUAL = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()
TABLES = (
    PROTOCOL, STUDY, NOTICES, DISCLOSURE, CONSENT, SECTION, CHECK, SCOPE, INSTRUMENT, ITEM, ALERT, INELIGIBILITY,
    CONTACT, MONITORING, *SCHEDULES.values(), KINDS, TREATMENTS, SCORES, REASONS, dict.fromkeys((*LEVELS, *WITHDRAWAL)),
)  # fmt: skip
NAMES = {name for table in TABLES for name in table}


def test_the_example_in_the_manual_is_a_study():
    (example,) = re.findall(r"```yaml\n(.*?)```", MANUAL, re.DOTALL)

    protocol = read_protocol(example, name="manual")

    assert list(protocol.instruments["evening"].items) == ["pain", "hours_slept", "note"]


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_name_of_the_grammar_is_in_the_manual(name):
    assert re.search(rf"\b{name}\b", MANUAL)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_the_row_of_a_kind_says_what_it_needs_and_how_it_may_be_released(kind):
    (row,) = re.findall(rf"^\| `{kind.name}` \|.*$", MANUAL, re.MULTILINE)

    *_, needs, takes, release, _ = row.split("|")
    assert kind.words in row
    assert re.findall(r"`(\w+)`", needs) == list(kind.needs)
    assert re.findall(r"`(\w+)`", takes) == list(kind.takes)
    assert re.findall(r"`(\w+)`", release) == list(kind.may_release if "release" in common_of(kind) else ["release"])
