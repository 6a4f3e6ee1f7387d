import base64
import secrets

import pytest

from studyportal import outbox
from studyportal.custody.settings import CustodySettings
from studyportal.custody.worker import HANDLERS
from studyportal.database import writing
from studyportal.errors import CannotOpen
from studyportal.keyring.tables import WRAPPED_SEEDS
from studyportal.protocol import SHIPPED
from studyportal.registry.tables import SEALED_ENTRIES, WITHDRAWALS
from tests.custody.cast import NOW, noise


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
