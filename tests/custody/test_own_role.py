"""On PostgreSQL custody does all of its work under its own role: no grant is missing, and none of the owner's is
needed."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from studyportal import outbox
from studyportal.custody.approvals.actions import refuse
from studyportal.custody.approvals.changing import change
from studyportal.custody.codes.actions import issue_codes
from studyportal.custody.compaction.actions import compact
from studyportal.custody.erasure.actions import Means, carry_through
from studyportal.custody.opening.transport import publish_transport_key, rewrap
from studyportal.custody.publishing.actions import publish
from studyportal.custody.reconcile.actions import reconcile
from studyportal.custody.reminders import sending
from studyportal.custody.reminders.looking import look_for_due
from studyportal.database import writing
from studyportal.intake.reminders.actions import keep_address
from studyportal.keyring.tables import TRANSPORT_KEYS
from studyportal.portal.granting import apply_grants
from studyportal.portal.inside import databases_of
from studyportal.registry.pauses import begin_pause
from tests.custody.cast import CUSTODIAN, NOW, House, noise
from tests.custody.test_publishing import snapshot


@pytest.fixture
def owners_and_custodys(postgresql, postgresql_databases):
    """The addresses of the three databases for their owner, and for custody's role."""
    for role in ("intake", "clinic", "custody", "research"):
        postgresql.run(
            f"DO $$ BEGIN CREATE ROLE studyportal_{role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
    for bind, url in postgresql_databases.items():
        apply_grants(bind, url)
    names = {bind: sa.make_url(url).database for bind, url in postgresql_databases.items()}
    custodys = {bind: postgresql.url(name, user="studyportal_custody") for bind, name in names.items()}
    return postgresql_databases, custodys


def test_custody_needs_no_more_than_its_grants(owners_and_custodys, protocol, tmp_path, postgresql):
    owners, custodys = owners_and_custodys
    house = House(protocol, tmp_path)
    with databases_of(owners):
        house.open()
        ada, bo, cy, dee = (house.participant() for _ in range(4))
        for person in (ada, bo, cy, dee):
            house.evening(person, 1)
        spoilt = house.evening(cy, 2)
        house.spoil(spoilt, commitment=noise(32))
        look_for_due(protocol, {"mail": {}}, now=NOW)
        for person in (ada, cy):
            keep_address(person, "somebody@home.example", protocol=house.protocol, now=NOW)
        with writing("registry") as connection:
            begin_pause(connection, uuid4(), dee, until=None, now=NOW - timedelta(days=7))
        leaving = [house.withdrawal(ada, "erase"), house.withdrawal(bo, "remove", scope="sharing")]
        rosa, kim = house.staff("workbench", "Rosa", "researcher"), house.staff("keyring", "Kim", "custodian")
        application, other = house.request(rosa), house.request(rosa)
        with writing("keyring") as connection:
            connection.execute(sa.delete(TRANSPORT_KEYS))

    common = {"keys": house.keys, "protocol": protocol, "actor": CUSTODIAN, "now": NOW}
    with databases_of(custodys):
        assert publish_transport_key(house.keys, actor=CUSTODIAN, now=NOW)
        rewrap(None, keys=house.keys, study=house.study, actor=CUSTODIAN, now=NOW)
        issue_codes("NS", 2, expires_at=NOW + timedelta(days=9), rng=house.rng, actor=CUSTODIAN, now=NOW)
        wanted = [look_for_due(protocol, ways, now=NOW) for ways in ({"mail": {}}, {}, {"mail": {}})]
        with writing("registry") as connection:
            work = outbox.lease(connection, "registry", ["reminder"], now=NOW)
        post = sending.Means(keys=house.keys, protocol=protocol, mail=None, pusher=None, diary="", actor=CUSTODIAN)
        for _ in range(2):
            sending.send_reminder(UUID(work.payload["message"]), post, now=NOW)
        folded = compact(**common)
        done = publish(house.shelf, exception=None, rng=house.rng, **common)
        paused = snapshot(house).weeks_over["paused_weeks"].to_pylist()
        with databases_of(owners):
            leaving.append(house.withdrawal(dee, "erase"))
        refuse(other, reason="No.", revision=1, custodian=kim, now=NOW)
        approved = house.approve(application, kim)
        for act in ("suspend", "resume", "renew", "end"):
            until = NOW + timedelta(days=9)
            change(approved.grant, act, reason="So.", expires_at=until, custodian=kim, keys=house.keys, now=NOW)
        means = Means(key_file=house.key_file, shelf=house.shelf, protocol=protocol, actor=CUSTODIAN, now=NOW)
        for one in leaving:
            carry_through(one, means)
        found = reconcile(house.shelf, check_receipts=True, **(common | {"keys": house.keys}))

    assert wanted == [1, 0, 0]  # ada is on her way out
    assert (folded.folded, folded.quarantined, done.participants) == (4, 1, 2)
    assert sorted(paused) == [[], [8]]
    assert found.faults == ("Entries set aside: 1.",)
