"""What each room's role may do on a real PostgreSQL is what deploy/postgresql/grants.sql says, and it bites."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from studyportal import outbox
from studyportal.audit import Actor
from studyportal.database import BINDS, bind_config, metadata, reading, writing
from studyportal.portal.granting import apply_grants, grants
from studyportal.portal.inside import databases_of
from studyportal.registry.alert_tables import ALERT_EVENTS, SAFETY_ALERTS
from studyportal.registry.alerts import (
    add_event,
    alert_events,
    alerts_page,
    count_open_alerts,
    open_alerts,
    raise_alert,
    seen_at,
    take_alert,
)
from studyportal.registry.entries import commitment_of, keep_entry
from studyportal.registry.entry_seals import Alarm, keep_whole
from studyportal.registry.tables import ENROLMENTS, SEALED_ENTRIES, SITES
from tests.postgresql import Server

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ROLES = ("intake", "clinic", "custody", "research")
DENIED = sa.exc.ProgrammingError


@pytest.fixture
def granted(postgresql: Server, postgresql_databases: Mapping[str, str]) -> Mapping[str, str]:
    """Fresh databases with the roles and grants of a real installation."""
    for role in ROLES:
        postgresql.run(
            f"DO $$ BEGIN CREATE ROLE studyportal_{role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
    for bind, url in postgresql_databases.items():
        apply_grants(bind, url)
    return postgresql_databases


def rows(url: str, query: str) -> set[tuple]:
    engine = sa.create_engine(bind_config(url)["url"], poolclass=sa.NullPool)
    with engine.connect() as connection:
        return {tuple(row) for row in connection.exec_driver_sql(query)}


# (role, table or sequence, column or '', privilege) of everybody who is not the owner
HELD = """
    SELECT a.grantee::regrole::text, c.relname, '', a.privilege_type
    FROM pg_class c, aclexplode(c.relacl) a
    WHERE c.relnamespace = 'public'::regnamespace AND a.grantee <> c.relowner
    UNION ALL
    SELECT a.grantee::regrole::text, c.relname, t.attname, a.privilege_type
    FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid, aclexplode(t.attacl) a
    WHERE c.relnamespace = 'public'::regnamespace AND a.grantee <> c.relowner
"""
POLICIES = "SELECT policyname, tablename, array_to_string(roles, ','), cmd FROM pg_policies"


def written_grants(bind: str) -> set[tuple[str, str, str, str]]:
    found = set()
    everything = ", ".join([*metadata(bind).tables, "alembic_version"])
    for statement in grants(bind):
        if taken := re.fullmatch(r"REVOKE ([A-Z]+) ON (\w+) FROM (\w+)", statement):
            found.discard((taken[3], taken[2], "", taken[1]))
        given = re.fullmatch(r"GRANT (.+?) ON (?:SEQUENCE )?(.+?) TO (.+)", statement)
        if not given or "SCHEMA public TO" in statement and "ALL TABLES" not in statement:
            continue
        objects = everything if given[2].startswith("ALL TABLES") else given[2]
        for privilege, columns in re.findall(r"([A-Z]+)(?: \(([^)]*)\))?", given[1]):
            found |= {
                (role, name, column, privilege)
                for role in given[3].split(", ")
                for name in objects.split(", ")
                for column in (columns.split(", ") if columns else [""])
            }
    return found


def written_policies(bind: str) -> set[tuple[str, str, str, str]]:
    made = [re.match(r"CREATE POLICY (\w+) ON (\w+)(?: FOR (\w+))? TO (\w+)", statement) for statement in grants(bind)]
    return {(policy[1], policy[2], policy[4], policy[3] or "ALL") for policy in made if policy}


@pytest.mark.parametrize("bind", BINDS)
def test_a_server_grants_what_the_file_says_and_no_more(bind, granted):
    assert rows(granted[bind], HELD) == written_grants(bind)
    assert rows(granted[bind], POLICIES) == written_policies(bind)


def test_a_grant_added_by_hand_is_taken_away(granted, postgresql):
    database = sa.make_url(granted["registry"]).database
    postgresql.run("GRANT ALL ON sealed_entries TO studyportal_clinic", database=database)

    apply_grants("registry", granted["registry"])

    assert rows(granted["registry"], HELD) == written_grants("registry")


@pytest.mark.parametrize(("room", "bind"), [("custody", "registry"), ("research", "workbench")])
def test_a_worker_may_forget_what_was_done(room, bind, granted, postgresql):
    name = sa.make_url(granted[bind]).database
    with databases_of({bind: postgresql.url(name, user=f"studyportal_{room}")}), writing(bind) as connection:
        outbox.put(connection, bind, "report", "1", {}, now=NOW)
        outbox.finish(connection, bind, outbox.lease(connection, bind, ["report"], now=NOW), now=NOW)

        forgotten = outbox.forget_done(connection, bind, now=NOW + outbox.KEPT * 2)

    assert forgotten == 1


def test_nobody_may_change_or_remove_what_is_append_only():
    for bind in BINDS:
        for role, table, _, privilege in written_grants(bind):
            assert (table, privilege) not in {
                (t, p) for t in ("audit_events", "consent_records") for p in ("UPDATE", "DELETE")
            }, role


@pytest.mark.parametrize(
    ("bind", "roles"),
    [
        ("registry", {"intake", "clinic", "custody"}),
        ("keyring", {"intake", "custody"}),
        ("workbench", {"custody", "research"}),
    ],
)
def test_a_database_knows_only_the_rooms_that_the_design_names(bind, roles):
    assert {role.removeprefix("studyportal_") for role, *_ in written_grants(bind)} == roles


@pytest.fixture
def entered(granted, postgresql) -> Iterator[Mapping[str, UUID]]:
    """One participant at each of two sites, with an entry each."""
    people = {"north": uuid4(), "south": uuid4()}
    engine = sa.create_engine(bind_config(granted["registry"])["url"], poolclass=sa.NullPool)
    with engine.begin() as connection:
        for site, person in people.items():
            connection.execute(SITES.insert(), {"id": site, "name": site, "created_at": NOW})
            row = {"id": person, "participant_code": site, "site": site, "zone": "UTC", "source": "imported"}
            connection.execute(ENROLMENTS.insert(), row | {"claimed_at": NOW})
            entry = {"id": uuid4(), "enrolment": person, "schedule": "evening", "occasion": 1, "received_at": NOW}
            connection.execute(SEALED_ENTRIES.insert(), entry | {"commitment": b"c", "receipt": b"r", "sealed": b"s"})
    return people


@pytest.fixture
def acting(granted, postgresql):
    """Answer `acting(room)`: a context in which the registry is reached as that room's role."""

    def as_role(room: str):
        name = sa.make_url(granted["registry"]).database
        return databases_of({"registry": postgresql.url(name, user=f"studyportal_{room}")})

    return as_role


def test_intake_sees_the_entries_of_one_participant_only(entered, acting):
    with acting("intake"):
        with reading("registry", enrolment=entered["north"]) as connection:
            seen = connection.scalars(sa.select(SEALED_ENTRIES.c.enrolment)).all()
        with reading("registry") as connection:
            unnamed = connection.scalars(sa.select(SEALED_ENTRIES.c.enrolment)).all()

    assert seen == [entered["north"]]
    assert unnamed == []


def test_intake_can_change_no_entry(entered, acting):
    with acting("intake"), pytest.raises(DENIED), writing("registry", enrolment=entered["north"]) as connection:
        connection.execute(SEALED_ENTRIES.update().values(sealed=b"other"))


def test_intake_adds_nothing_to_another_participant(entered, acting):
    entry = {"id": uuid4(), "enrolment": entered["south"], "schedule": "evening", "occasion": 2, "received_at": NOW}

    with acting("intake"), pytest.raises(DENIED), writing("registry", enrolment=entered["north"]) as connection:
        connection.execute(SEALED_ENTRIES.insert(), entry | {"commitment": b"c", "receipt": b"r", "sealed": b"s"})


def test_a_clinic_sees_its_own_site_only_and_no_sealed_body(entered, acting):
    with acting("clinic"):
        with reading("registry", site="south") as connection:
            people = connection.scalars(sa.select(ENROLMENTS.c.id)).all()
            came = connection.scalars(sa.select(SEALED_ENTRIES.c.enrolment)).all()
        with pytest.raises(DENIED), reading("registry", site="south") as connection:
            connection.scalars(sa.select(SEALED_ENTRIES.c.sealed)).all()

    assert people == came == [entered["south"]]


def test_a_clinic_adds_entries_of_its_site_under_a_name_and_changes_none(entered, acting):
    entry = {"schedule": "evening", "occasion": 2, "received_at": NOW, "commitment": b"c", "sealed": b"s"}
    own = entry | {"id": uuid4(), "enrolment": entered["south"], "written_by": uuid4()}
    alarm = Alarm({"id": uuid4(), "enrolment": entered["south"], "entry": own["id"], "source": "entry", "level": "low",
                   "raised_at": NOW, "sealed": b"s"}, ())  # fmt: skip
    staff = Actor("clinic", "clinician", str(own["written_by"]))

    with acting("clinic"):
        with writing("registry", site="south") as connection:
            assert keep_whole(connection, own, alarm, looks_back=True, actor=staff, now=NOW)
            assert commitment_of(connection, own["id"], entered["south"]) == b"c"
        with pytest.raises(DENIED), writing("registry", site="south") as connection:
            keep_entry(connection, own | {"id": uuid4(), "enrolment": entered["north"]})
        with pytest.raises(DENIED), writing("registry", site="south") as connection:
            unnamed = {name: value for name, value in own.items() if name != "written_by"}
            keep_entry(connection, unnamed | {"id": uuid4(), "occasion": 3, "receipt": b"r"})
        with pytest.raises(DENIED), writing("registry", site="south") as connection:
            connection.execute(SEALED_ENTRIES.update().values(written_by=uuid4()))


def test_custody_sees_all(entered, acting):
    with acting("custody"), reading("registry") as connection:
        assert len(connection.scalars(sa.select(SEALED_ENTRIES.c.sealed)).all()) == 2


def test_intake_raises_alerts_of_one_participant_and_a_clinic_takes_on_those_of_its_site(entered, acting):
    with acting("custody"), reading("registry") as connection:
        entries = dict(connection.execute(sa.select(SEALED_ENTRIES.c.enrolment, SEALED_ENTRIES.c.id)).all())
    alerts = {
        site: {
            "id": uuid4(),
            "enrolment": person,
            "entry": entries[person],
            "level": "high",
            "raised_at": NOW,
            "sealed": b"s",
        }
        for site, person in entered.items()
    }

    with acting("intake"):
        for site, person in entered.items():
            with writing("registry", enrolment=person) as connection:
                raise_alert(connection, alerts[site])
        with pytest.raises(DENIED), writing("registry", enrolment=entered["north"]) as connection:
            raise_alert(connection, alerts["south"] | {"id": uuid4()})
        with pytest.raises(DENIED), reading("registry", enrolment=entered["north"]) as connection:
            connection.scalars(sa.select(SAFETY_ALERTS.c.level)).all()

    with acting("clinic"):
        with writing("registry", site="south") as connection:
            assert not take_alert(connection, "north", alerts["north"]["id"], account=uuid4(), now=NOW)
            assert not open_alerts(connection, "north", limit=9)
            assert count_open_alerts(connection, "south") == 1
            assert take_alert(connection, "south", alerts["south"]["id"], account=uuid4(), now=NOW)
            mine = alerts_page(connection, "south", "open", account=uuid4(), page=1, size=9)
            assert [row.id for row in mine] == [alerts["south"]["id"]]
            event = {"id": uuid4(), "number": 1, "at": NOW, "account": uuid4(), "what": "acknowledged"}
            assert add_event(connection, event | {"alert": alerts["south"]["id"]})
            assert len(alert_events(connection, alerts["south"]["id"])) == 1
        with pytest.raises(DENIED), writing("registry", site="south") as connection:
            add_event(connection, event | {"id": uuid4(), "alert": alerts["north"]["id"]})
        with pytest.raises(DENIED), writing("registry", site="south") as connection:
            connection.execute(ALERT_EVENTS.delete())
        with pytest.raises(DENIED), reading("registry", site="south") as connection:
            connection.scalars(sa.select(SAFETY_ALERTS.c.sealed)).all()

    with acting("intake"), reading("registry", enrolment=entered["south"]) as connection:
        assert seen_at(connection, entered["south"], entries[entered["south"]]) == (True, NOW)
        assert seen_at(connection, entered["north"], entries[entered["north"]]) == (False, None)
