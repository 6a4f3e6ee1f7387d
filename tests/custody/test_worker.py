import base64
import secrets
from datetime import timedelta
from uuid import uuid4

import pytest

from studyportal import outbox
from studyportal.custody.delivery.actions import set_site_mail
from studyportal.custody.delivery.settings import MailSettings
from studyportal.custody.settings import CustodySettings
from studyportal.custody.worker import HANDLERS
from studyportal.database import writing
from studyportal.errors import CannotOpen
from studyportal.keyring.tables import WRAPPED_SEEDS
from studyportal.portal.working import look_for_waiting
from studyportal.protocol import SHIPPED
from studyportal.registry.alert_tables import SAFETY_ALERTS
from studyportal.registry.alerts import raise_alert
from studyportal.registry.tables import SEALED_ENTRIES, WITHDRAWALS
from tests.custody.cast import CUSTODIAN, NOW, noise
from tests.mail_server import mail_server


@pytest.fixture
def settings(house, databases):
    return CustodySettings(
        port=8002,
        origin="http://localhost:8002",
        secret_key=base64.b64encode(secrets.token_bytes(32)).decode(),
        databases=dict(databases),
        protocol=SHIPPED,
        synthetic=True,
        workers=1,
        threads=1,
        log="-",
        desk=house.shelf.with_name("desk.sock"),
        key_file=house.key_file,
        shelf=house.shelf,
    )


def work(kind, settings):
    """Lease the next work of a kind, do it, finish it."""
    with writing("registry") as connection:
        found = outbox.lease(connection, "registry", [kind], now=NOW)
    HANDLERS[kind](found, settings=settings, now=NOW)
    HANDLERS[kind](found, settings=settings, now=NOW)  # the outbox may bring it twice
    with writing("registry") as connection:
        return outbox.finish(connection, "registry", found, now=NOW)


def test_what_intake_wants_for_a_new_enrolment_puts_its_seeds_under_the_kek(house, settings):
    house.participant()

    assert work("rewrap", settings)

    assert {row.wrapping for row in house.rows(WRAPPED_SEEDS, "keyring")} == {"kek"}


def test_a_wanted_erasure_is_carried_through(house, settings):
    ada = house.participant()
    house.evening(ada, 1)
    asked = house.withdrawal(ada, "erase")
    with writing("registry") as connection:
        outbox.put(connection, "registry", "withdraw", str(asked), {"withdrawal": str(asked)}, now=NOW)

    assert work("withdraw", settings)

    assert house.rows(WRAPPED_SEEDS, "keyring") == house.rows(SEALED_ENTRIES) == []
    assert house.rows(WITHDRAWALS)[0].completed_at == NOW


def test_seeds_that_do_not_open_are_not_called_done(house, settings):
    house.participant()
    with writing("keyring") as connection:
        connection.execute(WRAPPED_SEEDS.update().values(wrapped=noise(1300)))

    with pytest.raises(CannotOpen):
        work("rewrap", settings)


def test_what_an_entry_raises_with_former_ones_and_mail_are_work_of_custody(house, settings):
    ada = house.participant()
    house.entry(ada, "baseline", {"pain_usual": 2}, source="participant")
    entry = house.entry(ada, "evening", {"pain_average": 9}, day=3, source="participant")
    set_site_mail("NS", address="care@northside.example", after=5, actor=CUSTODIAN, now=NOW)
    urgent = uuid4()
    with writing("registry") as connection:
        outbox.put(connection, "registry", "alerts", str(entry), {"entry": str(entry)}, now=NOW)
        row = {"id": urgent, "enrolment": ada, "entry": entry, "source": "entry", "level": "urgent", "sealed": b"s"}
        raise_alert(connection, row | {"raised_at": NOW - timedelta(minutes=5)})

    with mail_server() as server:
        mail = MailSettings(
            host="127.0.0.1", port=server.port, sender="p@x.example", clinic="https://c.x.example", starttls=False
        )
        told = []
        look_for_waiting(settings.model_copy(update={"mail": mail}), say=told.append, now=NOW)
        assert work("alerts", settings) and work("mail", settings.model_copy(update={"mail": mail}))

    assert {row.source: row.level for row in house.rows(SAFETY_ALERTS)} == {"history": "high", "entry": "urgent"}
    assert [one.to for one in server.taken] == [["care@northside.example"]]
    assert told == ["Mails about alerts that wait, to be sent: 1."]


def test_a_look_for_alerts_that_fails_is_told_and_does_not_stop_the_worker(house, settings, monkeypatch):
    told = []
    monkeypatch.setattr("studyportal.portal.working.escalate", lambda *args, **rest: 1 / 0)

    look_for_waiting(settings, say=told.append, now=NOW)

    assert told == ["Alerts that wait could not be looked for (ZeroDivisionError)."]
