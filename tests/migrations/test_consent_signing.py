"""The steps that bring what a signature hangs on, pauses, and erasures that wait: down they take it along and keep
every consent; up they refuse what was not promised."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from studyportal.database import db, reading, writing
from studyportal.portal import migrating
from studyportal.registry.consent_copies import add_name, sealed_name
from studyportal.registry.countersignatures import await_countersignature, countersign, countersignature
from studyportal.registry.form_tables import CONSENT_NAMES, COUNTERSIGNATURES
from studyportal.registry.pause_tables import PAUSES
from studyportal.registry.pauses import begin_pause, end_pause, pauses_of
from studyportal.registry.tables import CONSENT_RECORDS
from tests.migrations.test_append_only import REFUSALS, enrolment  # noqa: F401

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
STATEMENT = b"\1" * 32


@pytest.fixture
def consent(enrolment, building):  # noqa: F811
    """A consent with a name, that waits for the clinic; and its participant in a pause."""
    with writing("registry") as connection:
        id = connection.scalar(sa.select(CONSENT_RECORDS.c.id))
        add_name(connection, id, enrolment, b"sealed")
        await_countersignature(connection, id, enrolment, statement_sha256=STATEMENT)
        begin_pause(connection, uuid4(), enrolment, until=None, now=NOW)
    return id


def signed(connection, consent, **changes):
    said = {"statement_sha256": STATEMENT, "account": uuid4(), "name": "Abe", "now": NOW}
    return countersign(connection, consent, **said | changes)


def test_the_steps_go_down_and_up_and_keep_every_consent(consent, databases):
    with reading("registry") as connection:
        kept = connection.execute(sa.select(CONSENT_RECORDS)).all()
    db.engines["registry"].dispose()

    migrating.downgrade("registry", databases["registry"], to="registry_11")
    migrating.upgrade("registry", databases["registry"])

    with reading("registry") as connection:
        assert connection.execute(sa.select(CONSENT_RECORDS)).all() == kept
        for table in (CONSENT_NAMES, COUNTERSIGNATURES, PAUSES):
            assert connection.execute(sa.select(table)).all() == []


def test_a_consent_is_countersigned_once_and_for_what_was_signed(consent):
    with writing("registry") as connection:
        assert not signed(connection, consent, statement_sha256=b"\2" * 32)
        assert signed(connection, consent)
        assert not signed(connection, consent, name="Eve")

    with reading("registry") as connection:
        assert countersignature(connection, consent).signer_name == "Abe"
        assert sealed_name(connection, consent) == b"sealed"


@pytest.mark.parametrize(
    "change",
    [
        sa.update(COUNTERSIGNATURES).values(statement_sha256=b"\3" * 32),
        sa.update(COUNTERSIGNATURES).values(signed_at=None, signed_by=None, signer_name=None),
        sa.update(COUNTERSIGNATURES).values(signer_name="Eve"),
        sa.delete(COUNTERSIGNATURES),
        sa.update(CONSENT_NAMES).values(sealed=b"other"),
    ],
)
def test_what_was_signed_stays(consent, change):
    with writing("registry") as connection:
        signed(connection, consent)

    with pytest.raises(REFUSALS), writing("registry") as connection:
        connection.execute(change)


def test_a_countersignature_waits_before_it_is_given(enrolment, building):  # noqa: F811
    row = {"consent": None, "enrolment": enrolment, "statement_sha256": STATEMENT, "signed_at": NOW}
    with pytest.raises(REFUSALS), writing("registry") as connection:
        row["consent"] = connection.scalar(sa.select(CONSENT_RECORDS.c.id))
        connection.execute(sa.insert(COUNTERSIGNATURES), row | {"signed_by": uuid4(), "signer_name": "Abe"})


def test_somebody_is_in_one_pause_at_a_time(consent, enrolment):  # noqa: F811
    with writing("registry") as connection:
        assert not begin_pause(connection, uuid4(), enrolment, until=NOW + timedelta(days=1), now=NOW)
        assert end_pause(connection, enrolment, now=NOW + timedelta(hours=1)) is not None
        assert end_pause(connection, enrolment, now=NOW + timedelta(hours=1)) is None
        assert begin_pause(connection, uuid4(), enrolment, until=NOW + timedelta(days=3), now=NOW + timedelta(hours=2))

    with reading("registry") as connection:
        assert [one.until for one in pauses_of(connection, enrolment)] == [
            NOW + timedelta(hours=1),
            NOW + timedelta(days=3),
        ]
    with pytest.raises(REFUSALS), writing("registry") as connection:
        connection.execute(sa.update(PAUSES).values(until=NOW - timedelta(days=1)))
