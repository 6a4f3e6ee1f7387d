"""The clinic sees that an alert waits, whose and how pressing, and one clinician takes it on."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from studyportal.audit import Actor
from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.clinic.alerts.actions import acknowledge
from studyportal.clinic.alerts.waiting import LOOKS, age
from studyportal.database import reading, writing
from studyportal.errors import Conflict, NotFound
from studyportal.protocol.document import LEVELS
from studyportal.registry.alerts import open_alerts, raise_alert
from studyportal.registry.tables import SAFETY_ALERTS, SEALED_ENTRIES
from tests.clinic.test_adherence import NOW, ORIGIN, clinic, enrol, protocol, registry, signed_in  # noqa: F401

CLINICIAN = Actor("clinic", "clinician", "Ada")


def alert(enrolment, level="high", *, raised_at=NOW - timedelta(hours=3)):
    id = uuid4()
    with writing("registry", enrolment=enrolment) as connection:
        entry = connection.scalar(
            sa.select(SEALED_ENTRIES.c.id).where(
                SEALED_ENTRIES.c.enrolment == enrolment, SEALED_ENTRIES.c.id.not_in(sa.select(SAFETY_ALERTS.c.entry))
            )
        )
        row = {"id": id, "enrolment": enrolment, "entry": entry, "level": level, "raised_at": raised_at}
        raise_alert(connection, row | {"sealed": b"sealed"})
    return id


def take(client, id):
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/alerts/", base_url=ORIGIN).text)[1]
    headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
    return client.post(f"/alerts/{id}/acknowledge", base_url=ORIGIN, data={"csrf_token": token}, headers=headers)


def test_the_most_pressing_and_oldest_of_the_own_site_come_first(registry):  # noqa: F811
    own, other = enrol("NS", given=[1, 2, 3]), enrol("SS", given=[1])
    low, late, early = (
        alert(own, "low", raised_at=NOW - timedelta(days=9)),
        alert(own, "urgent"),
        alert(own, "urgent", raised_at=NOW - timedelta(days=1)),
    )
    alert(other, "urgent")

    with reading("registry", site="NS") as connection:
        found = open_alerts(connection, "NS", limit=10)

    assert [row.id for row in found] == [early, late, low]


def test_the_second_of_two_clinicians_is_told_and_the_trail_has_one_event(registry):  # noqa: F811
    id, ada, grace = alert(enrol("NS", given=[1])), uuid4(), uuid4()

    acknowledge(id, site="NS", account=ada, actor=CLINICIAN, now=NOW)
    acknowledge(id, site="NS", account=ada, actor=CLINICIAN, now=NOW)
    with pytest.raises(Conflict):
        acknowledge(id, site="NS", account=grace, actor=CLINICIAN, now=NOW)

    with reading("registry") as connection:
        assert connection.execute(sa.select(SAFETY_ALERTS.c.acknowledged_by)).scalar() == ada
        actions = connection.scalars(sa.select(AUDIT_EVENTS["registry"].c.action)).all()
    assert list(actions).count("alert:acknowledge") == 1


def test_another_sites_alert_is_not_found(registry):  # noqa: F811
    id = alert(enrol("SS", given=[1]))

    for missing in (id, uuid4()):
        with pytest.raises(NotFound):
            acknowledge(missing, site="NS", account=uuid4(), actor=CLINICIAN, now=NOW)


@pytest.mark.parametrize("change", [{"level": "low"}, {"acknowledged_by": None, "acknowledged_at": None}])
def test_an_alert_changes_once_and_only_by_being_taken_on(registry, change):  # noqa: F811
    id = alert(enrol("NS", given=[1]))
    acknowledge(id, site="NS", account=uuid4(), actor=CLINICIAN, now=NOW)

    with pytest.raises(sa.exc.DBAPIError, match="only be acknowledged"), writing("registry") as connection:
        connection.execute(SAFETY_ALERTS.update().values(**change))


def test_a_clinician_takes_an_alert_on_and_a_coordinator_cannot(clinic):  # noqa: F811
    with clinic.app_context():
        mine, others = alert(enrol("NS", given=[1])), alert(enrol("SS", given=[1]))

    ada, grace = signed_in(clinic, "Ada"), signed_in(clinic, "Grace")
    before, first = ada.get("/alerts/", base_url=ORIGIN).text, ada.get("/", base_url=ORIGIN).text
    answers = [take(ada, mine).status_code, take(ada, others).status_code, take(grace, others).status_code]
    after = ada.get("/alerts/", base_url=ORIGIN).text

    assert "1 alert waits" in before and "1 alert waits" in first
    assert "High" in before and "3 hours" in before and "I am taking care of it" in before
    assert answers == [303, 404, 403]
    assert "No alert waits" in after and "Taken on in the last 30 days" in after
    assert "I am taking care of it" not in grace.get("/alerts/", base_url=ORIGIN).text


def test_every_level_has_its_look():
    assert set(LOOKS) == set(LEVELS)


@pytest.mark.parametrize(
    ("waited", "words"),
    [({"seconds": -5}, "just now"), ({"minutes": 1}, "1 minute"), ({"hours": 30}, "30 hours"), ({"days": 4}, "4 days")],
)
def test_an_age_is_said_in_its_largest_whole_unit(waited, words):
    assert age(NOW - timedelta(**waited), now=NOW) == words
