"""The step that gives saved cohorts numbers and versions: up with rows in the way, down with the newest of each
name."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from studyportal.database import db, reading, writing
from studyportal.errors import Conflict
from studyportal.portal import migrating
from studyportal.workbench.cohorts import add_cohort, cited, cohorts_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ACCOUNT = uuid4()


def save(name: str, criteria: str = "[]", *, project: str = "P-1", minutes: int = 0):
    with writing("workbench") as connection:
        return add_cohort(
            connection, project=project, name=name, criteria=criteria, snapshot=1, created_by=ACCOUNT,
            now=NOW + timedelta(minutes=minutes),
        )  # fmt: skip


def kept(project: str = "P-1"):
    with reading("workbench") as connection:
        return [(one["name"], cited(one), one["criteria"]) for one in cohorts_of(connection, project)]


def test_the_step_goes_down_and_up_with_rows_in_the_way(building, databases):
    save("Women")
    save("Men", minutes=1)
    save("Women", "[1]", minutes=2)
    save("Women", project="P-2")
    db.engines["workbench"].dispose()

    migrating.downgrade("workbench", databases["workbench"], to="workbench_5")
    migrating.upgrade("workbench", databases["workbench"])

    # The newest of a name is what a name stands for below; numbers are then by when it was saved.
    assert kept() == [("Men", "C-1.1", "[]"), ("Women", "C-2.1", "[1]")]
    assert kept("P-2") == [("Women", "C-1.1", "[]")]


def test_a_name_keeps_its_number_and_versions_count_up(building):
    save("Women")
    save("Men")
    save("Women", "[1]")

    assert kept() == [("Men", "C-2.1", "[]"), ("Women", "C-1.2", "[1]"), ("Women", "C-1.1", "[]")]
    with pytest.raises(Conflict, match="already saved under this name, as C-1.2"):
        save("Women", "[1]")
    # Going back to a former one is a version of its own.
    save("Women")
    assert kept()[1][1] == "C-1.3"


def test_two_versions_of_one_number_cannot_be_kept(building):
    save("Women")

    with pytest.raises(sa.exc.IntegrityError), writing("workbench") as connection:
        connection.execute(
            sa.text(
                "INSERT INTO cohorts SELECT :id, project, 'Other', criteria, snapshot, created_at, created_by, number, version FROM cohorts"
            ),
            {"id": uuid4().hex},
        )
