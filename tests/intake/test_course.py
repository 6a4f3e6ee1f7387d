"""The own course opens with the reader's own key: fresh entries, folded ones, and it says what does not open."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from studyportal.database import reading, writing
from studyportal.errors import CannotOpen, Gone
from studyportal.intake.course.opening import own_entries, own_key
from studyportal.intake.course.picture import own_course
from studyportal.intake.enrolment.sessions import NOT_REMEMBERED, caller_of
from studyportal.intake.enrolment.sign_in import start_session
from studyportal.keyring.tables import WRAPPED_SEEDS
from studyportal.protocol import KINDS, decode
from studyportal.protocol.columns import pack
from studyportal.protocol.happened import Happened
from studyportal.registry import sessions
from studyportal.registry.contexts import block_context, entry_context
from studyportal.registry.tables import BLOCKS, SEALED_ENTRIES
from studyportal.sealing.sessions import token_hash
from studyportal.web.telling import TELL
from tests.intake.conftest import NOW
from tests.intake.test_submission import DOSE, send


def test_every_kind_of_answer_can_be_told():
    assert set(TELL) == set(KINDS)


@pytest.fixture
def reader(study):
    """(caller, token, enrolled) of a participant with an evening and a dose."""
    claimed = study.participant()
    enrolled = study.enrolled(claimed)
    send(study, enrolled)
    send(study, enrolled, "dose", DOSE | {"substance": "other", "own_words": "Restless, a little"})
    token = start_session(claimed.enrolment, claimed.root, study="MCP-1", lasting=NOT_REMEMBERED, now=NOW).token
    return caller(token), token, enrolled


def caller(token):
    with reading("registry") as connection:
        row = sessions.caller(connection, token_hash(token), required_scopes=("study",))
    return caller_of(row, token_hash(token), now=NOW)


def fold(study, key, enrolled):
    """What custody's compaction does: entries into a block, rows point to it."""
    with writing("registry", enrolment=enrolled.enrolment) as connection:
        rows = connection.execute(sa.select(SEALED_ENTRIES)).all()
        opened = [
            (
                row.id,
                row.received_at,
                row.occasion,
                False,
                decode(key.unseal(row.sealed, about=entry_context("MCP-1", row.enrolment, row.id))),
            )
            for row in rows
        ]
        sealed = key.seal_block(pack(opened, study.protocol), about=block_context("MCP-1", enrolled.enrolment, 1, 1))
        block = {"enrolment": enrolled.enrolment, "number": 1, "revision": 1, "folded_at": NOW, "sealed": sealed}
        connection.execute(sa.insert(BLOCKS), block)
        connection.execute(sa.update(SEALED_ENTRIES).values(sealed=None, block=1))


def test_fresh_and_folded_entries_read_the_same_and_are_unaltered(study, reader):
    who, token, enrolled = reader
    key = own_key(who, token, study="MCP-1")
    fresh = own_entries(who, key, protocol=study.protocol)

    fold(study, key, enrolled)
    folded = own_entries(who, key, protocol=study.protocol)

    assert {one.entry.instrument for one in fresh} == {"evening", "dose"}
    assert [one.entry for one in folded] == [one.entry for one in fresh]
    assert all(one.is_unaltered for one in [*fresh, *folded])


def test_an_entry_that_was_tampered_with_is_shown_as_not_opening(study, reader):
    who, token, enrolled = reader
    with writing("registry", enrolment=enrolled.enrolment) as connection:
        first, _second = connection.execute(sa.select(SEALED_ENTRIES)).all()
        moved = sa.update(SEALED_ENTRIES).where(SEALED_ENTRIES.c.id == first.id).values(block=1, sealed=None)
        connection.execute(moved)

    entries = own_entries(who, own_key(who, token, study="MCP-1"), protocol=study.protocol)

    assert len(entries) == 2
    assert [one.is_unaltered for one in entries].count(False) == 1


def test_another_sessions_token_opens_nothing(study, reader):
    who, _, _ = reader
    other = study.participant()
    foreign = start_session(other.enrolment, other.root, study="MCP-1", lasting=NOT_REMEMBERED, now=NOW).token

    with pytest.raises(CannotOpen):
        own_key(who, foreign, study="MCP-1")


def test_after_the_seed_is_destroyed_the_words_open_nothing(study, reader):
    who, token, _ = reader
    with writing("keyring") as connection:
        connection.execute(sa.delete(WRAPPED_SEEDS))

    with pytest.raises(Gone):
        own_key(who, token, study="MCP-1")


def test_the_picture_of_ones_course_has_a_day_for_each_evening_and_a_mark_for_each_dose(study, reader):
    who, token, enrolled = reader
    send(study, enrolled, now=NOW + timedelta(days=2))
    entries = own_entries(who, own_key(who, token, study="MCP-1"), protocol=study.protocol)

    earlier = entries[:2]
    course = own_course(entries, study.protocol, zone=enrolled.zone)

    assert len({day for _, day in course.values}) == 2
    assert [(title, len(moments)) for title, moments in course.events] == [("Something I took", 1)]
    assert course.title.startswith("Pain")
    assert own_course(earlier, study.protocol, zone=enrolled.zone) is None, "a single day is no course"


def test_what_is_known_to_the_day_is_marked_on_that_day_and_without_a_time(study, reader):
    who, token, enrolled = reader
    now = NOW + timedelta(days=3)
    send(study, enrolled, now=now)
    began = NOW.date() + timedelta(days=1)
    answers = {"what": ["skin"], "grade": "1", "serious": ["none"], "began": began.isoformat(), "outcome": "gone"}
    send(study, enrolled, "adverse_event", answers, now=now)
    entries = own_entries(who, own_key(who, token, study="MCP-1"), protocol=study.protocol)

    course = own_course(entries, study.protocol, zone=enrolled.zone)

    (found,) = (found for title, found in course.events if title == "Something bad happened to my health")
    assert found == [Happened(began, None)]
    assert (began.isoformat(), "Something bad happened to my health", "no time given") in course.chart().table.rows
