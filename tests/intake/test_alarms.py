"""An entry raises one safety alert with it: its level in clear, what raised it under the seal."""

from uuid import uuid4

import pytest
import sqlalchemy as sa

from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.database import reading
from studyportal.errors import Conflict
from studyportal.protocol.document import LEVELS
from studyportal.registry.alert_tables import SAFETY_ALERTS
from studyportal.registry.alerts import RANKS
from studyportal.registry.tables import SEALED_ENTRIES
from tests.intake.test_submission import send

AWFUL = {"pain_average": "9", "function": "0", "mood": "0"}


def rows(table=SAFETY_ALERTS):
    with reading("registry") as connection:
        return connection.execute(sa.select(table)).all()


def raising():
    return [row for row in rows(AUDIT_EVENTS["registry"]) if row.action == "alert:raise"]


@pytest.fixture
def participant(study):
    return study.enrolled(study.participant())


def test_an_entry_raises_one_alert_at_its_highest_level(study, participant):
    entry = uuid4()

    send(study, participant, "evening", AWFUL, id=entry)

    (alert,) = rows()
    assert (alert.enrolment, alert.entry, alert.level) == (participant.enrolment, entry, "high")
    assert alert.acknowledged_at is alert.acknowledged_by is None
    (event,) = raising()
    assert event.detail == '{"level":"high"}'


def test_what_raised_it_is_nowhere_in_clear_and_its_size_tells_nothing(study, participant):
    other = study.enrolled(study.participant())

    send(study, participant, "evening", AWFUL)
    send(study, other, "evening", {"pain_average": "9"})

    sealed = [row.sealed for row in rows()]
    assert len({len(one) for one in sealed}) == 1
    written = repr([rows(), rows(SEALED_ENTRIES), raising()])
    assert "severe_pain" not in written and "low_mood" not in written


def test_an_entry_sent_again_raises_no_second_alert(study, participant):
    entry = uuid4()
    send(study, participant, "evening", AWFUL, id=entry)

    send(study, participant, "evening", AWFUL, id=entry)
    with pytest.raises(Conflict):
        send(study, participant, "evening", AWFUL, id=uuid4())

    assert len(rows()) == len(raising()) == 1


def test_an_ordinary_entry_raises_none(study, participant):
    send(study, participant)

    assert rows() == raising() == []


@pytest.mark.parametrize("source", ["imported", "synthetic"])
def test_what_was_imported_or_made_up_raises_none(study, participant, source):
    send(study, participant, "evening", AWFUL, source=source, check_times=False, occasion=1)

    assert rows() == []


def test_every_level_has_its_rank():
    assert sorted(LEVELS, key=RANKS.__getitem__) == list(reversed(LEVELS))
