"""The step that brings consent forms in force: what was signed stays in force, and everybody's withdrawals stay."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from studyportal.database import db, reading, writing
from studyportal.portal import migrating
from studyportal.registry.consent_copies import add_copy
from studyportal.registry.consent_forms import (
    begin_with,
    drop_proposal,
    form_in_force,
    propose_form,
    put_into_force,
    texts_of,
    waiting_form,
)
from studyportal.registry.form_tables import CONSENT_COPIES, CONSENT_FORMS
from studyportal.registry.tables import CONSENT_RECORDS, WITHDRAWALS
from tests.migrations.test_append_only import REFUSALS, enrolment  # noqa: F401

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_the_step_goes_down_and_up_and_keeps_in_force_what_was_signed_last(enrolment, databases):  # noqa: F811
    with writing("registry") as connection:
        for version, text, at in (("1", b"\1", 1), ("2", b"\2", 2), ("2", b"\3", 3)):
            row = {"id": uuid4(), "enrolment": enrolment, "form_version": version, "text_sha256": text * 32}
            more = {"scopes": "[]", "agreed_at": NOW + timedelta(days=at), "zone": "UTC", "source": "synthetic"}
            connection.execute(CONSENT_RECORDS.insert(), row | more)
        for at in (1, 2):
            row = {"id": uuid4(), "enrolment": enrolment, "scope": "sharing", "strength": "stop"}
            connection.execute(WITHDRAWALS.insert(), row | {"requested_at": NOW + timedelta(days=at)})
        begin_with(connection, "1", ["00"], now=NOW)
        add_copy(connection, row_id(connection), enrolment, b"sealed", now=NOW)
    db.engines["registry"].dispose()

    migrating.downgrade("registry", databases["registry"], to="registry_4")
    migrating.upgrade("registry", databases["registry"])

    with reading("registry") as connection:
        form = form_in_force(connection)
        times = connection.scalars(sa.select(WITHDRAWALS.c.requested_at)).all()
        copies = connection.execute(sa.select(CONSENT_COPIES)).all()
    assert (form.version, texts_of(form)) == ("2", {"02" * 32, "03" * 32})
    assert times == [NOW + timedelta(days=2)]
    assert copies == []


def row_id(connection):
    return connection.scalar(sa.select(CONSENT_RECORDS.c.id).limit(1))


def test_a_version_waits_for_another_person_and_is_decided_once(building):
    first, second, id = uuid4(), uuid4(), uuid4()
    with writing("registry") as connection:
        begin_with(connection, "1", ["00"], now=NOW)
        assert propose_form(connection, id, "2", ["01"], by=first, now=NOW)
        assert not propose_form(connection, uuid4(), "3", ["02"], by=second, now=NOW)

    with pytest.raises(REFUSALS), writing("registry") as connection:
        put_into_force(connection, id, by=first, now=NOW)
    with writing("registry") as connection:
        assert put_into_force(connection, id, by=second, now=NOW + timedelta(hours=1))
        assert not put_into_force(connection, id, by=second, now=NOW)
        assert not drop_proposal(connection, id, by=second, now=NOW)
        assert form_in_force(connection).version == "2"
        assert waiting_form(connection) is None


@pytest.mark.parametrize(
    "change",
    [
        sa.update(CONSENT_FORMS).values(version="9"),
        sa.update(CONSENT_FORMS).values(in_force_at=NOW),
        sa.delete(CONSENT_FORMS),
        sa.update(CONSENT_COPIES).values(sealed=b"other"),
    ],
)
def test_what_was_decided_stays(enrolment, change):  # noqa: F811
    with writing("registry") as connection:
        begin_with(connection, "1", ["00"], now=NOW)
        add_copy(connection, row_id(connection), enrolment, b"sealed", now=NOW)

    with pytest.raises(REFUSALS), writing("registry") as connection:
        connection.execute(change)


@pytest.mark.parametrize(
    "row",
    [
        {"in_force_at": NOW},  # a second beginning
        {"in_force_at": NOW, "proposed_by": uuid4(), "in_force_by": uuid4()},  # decided before it waited
    ],
)
def test_nothing_comes_into_force_but_by_a_proposal(building, row):
    with writing("registry") as connection:
        begin_with(connection, "1", ["00"], now=NOW)

    with pytest.raises(REFUSALS), writing("registry") as connection:
        whole = {"id": uuid4(), "version": "2", "texts": json.dumps(["01"]), "proposed_at": NOW}
        connection.execute(sa.insert(CONSENT_FORMS), whole | row)
