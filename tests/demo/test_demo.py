"""A small demonstration is whole: keys, trail, snapshot, sign-ins, and nothing on any network but this machine's
own."""

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from studyportal.audit import Actor, verify
from studyportal.custody.opening.key_file import load_keys
from studyportal.custody.reconcile.actions import reconcile
from studyportal.database import BINDS, reading
from studyportal.errors import Conflict, Unsafe
from studyportal.intake.enrolment.actions import claim
from studyportal.intake.enrolment.sign_in import recognise
from studyportal.portal.composing import create_app
from studyportal.portal.demo.building import Progress, Size, make_demo, remove_former
from studyportal.portal.demo.command import demo
from studyportal.portal.demo.sign_ins import FILE, as_text, keep
from studyportal.portal.inside import inside
from studyportal.portal.rooms import ROOMS
from studyportal.portal.settings import read_settings
from studyportal.protocol import load_protocol
from studyportal.registry.campaigns import campaigns_of
from studyportal.registry.message_tables import MESSAGES
from studyportal.registry.pause_tables import PAUSES
from studyportal.registry.screening import event_counts
from studyportal.registry.tables import CONSENT_RECORDS, ENROLMENTS, SEALED_ENTRIES, WITHDRAWALS
from studyportal.snapshots.reading import open_snapshot
from studyportal.web.sign_in.arriving import Typed, show_factor, show_passphrase
from studyportal.web.sign_in.door import Door
from studyportal.web.sign_in.passkeys import Party
from studyportal.web.sign_in.totp import code_of, step_at
from studyportal.workbench.agreements import signatures
from studyportal.workbench.applications import closed_applications, state_of, undecided_applications
from studyportal.workbench.grants import all_grants, standing_of
from studyportal.workbench.tables import REPORTS
from tests.journeys.house import Browser, readable

PEOPLE = 60
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A demonstration of sixty people, made once for this file, and what was said while it was made."""
    folder = tmp_path_factory.mktemp("demo") / "instance"
    said = []
    # A seed among whose first sixty people some leave.
    prepared = make_demo(folder, Size(PEOPLE, 20260101), progress=Progress(said.append, rewrites=False), now=NOW)
    keep(as_text(prepared, {room.name: room.origin for room in ROOMS.values()}), folder)
    return folder, prepared, "".join(said)


@pytest.fixture
def custody(made):
    with inside("custody", made[0]) as settings:
        yield settings


def test_everybody_is_enrolled_with_consent_and_entries(custody):
    with reading("registry") as connection:
        enrolments = connection.execute(ENROLMENTS.select()).all()
        consents = connection.execute(CONSENT_RECORDS.select()).all()
        entries = connection.execute(SEALED_ENTRIES.select()).all()

    assert len(enrolments) == PEOPLE
    assert sum(enrolment.source == "participant" for enrolment in enrolments) == 12
    assert {consent.enrolment for consent in consents} == {enrolment.id for enrolment in enrolments}
    assert {site for (site,) in {(enrolment.site,) for enrolment in enrolments}} == {"NS", "LH", "RV"}
    assert len(entries) > 20 * PEOPLE
    assert all(entry.sealed is None and entry.block for entry in entries)


def test_every_entry_opens_and_is_what_its_receipt_says(custody):
    keys, protocol = load_keys(custody.key_file), load_protocol(custody.protocol)

    found = reconcile(
        custody.shelf, keys=keys, protocol=protocol, check_receipts=True,
        actor=Actor("custody", "custodian", "a custodian"), now=NOW,
    )  # fmt: skip

    assert found.faults == ()
    assert (found.fresh, found.snapshot) == (0, 1)
    assert not found.quarantined


def test_the_trails_hold(custody):
    for bind in BINDS:
        with reading(bind) as connection:
            verdict = verify(connection, bind)
        assert verdict.whole and verdict.events


def test_every_withdrawal_is_carried_through(custody):
    with reading("registry") as connection:
        asked = connection.execute(WITHDRAWALS.select()).all()

    assert asked
    assert all(one.completed_at for one in asked)


def test_somebody_paused_and_the_snapshot_says_in_which_weeks(custody):
    keys, study = load_keys(custody.key_file), load_protocol(custody.protocol).study.code
    with reading("registry") as connection:
        pauses = connection.execute(PAUSES.select()).all()

    opened_by = {"snapshot_key": keys.snapshot, "custody_public": keys.public}
    shown = open_snapshot(custody.shelf, study=study, number=None, **opened_by)

    weeks = [weeks for weeks in shown.weeks_over["paused_weeks"].to_pylist() if weeks]
    assert len(pauses) == len({one.enrolment for one in pauses}) == len(weeks) > 0
    assert all(one.until < NOW - timedelta(days=7) for one in pauses)
    assert all(2 <= len(some) <= 4 for some in weeks)


def test_a_participants_words_sign_in(made):
    folder, prepared, _ = made
    participants = [one for one in prepared.sign_ins if one.room == "intake"]

    with inside("intake", folder):
        found = {
            recognise(one.name, one.passphrase, address=None, secret="x" * 32, now=NOW)[0] for one in participants[:3]
        }

    assert len(participants) == 12
    assert len(found) == 3


def test_staff_sign_in_to_their_own_room(made):
    folder, prepared, _ = made
    binds = {"clinic": "registry", "custody": "keyring", "research": "workbench"}

    with inside("custody", folder):
        tokens = []
        for one in (one for one in prepared.sign_ins if one.room != "intake"):
            place = read_settings(one.room, folder)
            party = Party(place.host, place.origin)
            door = Door(binds[one.room], one.room, place.secret_key, party, None)
            step = show_passphrase(door, name=one.name, passphrase=one.passphrase, now=NOW)
            code = Typed(code_of(one.app_key, step_at(NOW)))
            tokens.append(show_factor(door, step, code, old_token=None, now=NOW))

    assert len(tokens) == 12


def test_requests_wait_and_approvals_stand_in_several_ways(custody):
    with reading("workbench") as connection:
        grants, waiting = all_grants(connection), undecided_applications(connection)
        closed, signed = closed_applications(connection, most=20), signatures(connection)

    assert sorted(standing_of(row, now=datetime.now(UTC)) for row in grants) == ["running", "running", "suspended"]
    assert len(waiting) == 3
    assert {state_of(row) for row in closed} == {"granted", "refused", "withdrawn"}
    assert len(signed) == 2


def test_a_code_can_be_claimed(made):
    folder, prepared, _ = made

    with inside("intake", folder) as settings:
        claimed = claim(
            prepared.enrolment_codes[0], zone="Europe/London", study="MCP-1",
            custody_public_key=settings.custody_public, now=datetime.now(UTC),
        )  # fmt: skip

    assert claimed.passphrase.count(" ") == 5


def test_phases_are_said_with_their_seconds(made):
    *_, said = made

    assert f"{PEOPLE} participants with " in said
    assert said.count(" s\n") == 5


def test_every_room_wears_the_band_and_refuses_another_name(made):
    folder, *_ = made
    file = folder / "research.toml"
    before = file.read_text()

    assert all(read_settings(name, folder).synthetic for name in ROOMS)
    try:
        file.write_text(before.replace("http://localhost:8003", "https://research.example.org"))
        with pytest.raises(Unsafe, match="this machine only"):
            read_settings("research", folder)
    finally:
        file.write_text(before)


def test_a_finished_demonstration_is_shown_again_as_it_is(made):
    folder, prepared, _ = made
    before = (folder / FILE).stat()

    result = CliRunner().invoke(demo, ["--instance", str(folder), "--no-serve"])

    assert result.exit_code == 0
    assert prepared.sign_ins[0].passphrase in result.output
    assert (folder / FILE).stat().st_mtime_ns == before.st_mtime_ns
    assert before.st_mode & 0o777 == 0o600


def test_what_is_no_demonstration_is_not_thrown_away(tmp_path, made):
    other = tmp_path / "instance"
    other.mkdir()
    (other / "thesis.txt").write_text("years of work")

    with pytest.raises(Conflict):
        remove_former(other)

    real = tmp_path / "real"
    real.mkdir()
    for file in made[0].glob("*.toml"):
        (real / file.name).write_text(file.read_text().replace("synthetic = true", "synthetic = false"))
        (real / file.name).chmod(0o600)
    with pytest.raises((Conflict, Unsafe)):
        remove_former(real)

    assert (other / "thesis.txt").exists() and (real / "intake.toml").exists()


def test_the_clinic_has_a_days_work_and_the_researcher_a_report_on_its_way(custody):
    with reading("registry") as connection:
        messages = connection.execute(MESSAGES.select().order_by(MESSAGES.c.sent_at)).all()
        (link,) = campaigns_of(connection, "NS")
        looked = event_counts(connection, "NS")
        written = connection.execute(SEALED_ENTRIES.select().where(SEALED_ENTRIES.c.written_by.is_not(None))).all()
    with reading("workbench") as connection:
        reports = connection.execute(REPORTS.select()).all()

    assert [one.sender for one in messages] == ["participant", "staff", "participant"]
    assert link.closed_at is None and link.ends_at > NOW
    assert {what for _, what in looked} == {"looked", "screened", "not_eligible"}
    assert "diagnosis_confirmed" in {one.schedule for one in written}
    assert [one.given_up_at for one in reports] == [None]


@pytest.mark.parametrize(
    ("about", "said"),
    [("every other day", "This is you, not proof."), ("records no doses", "beside your other days")],
)
def test_people_see_their_own_days_compared_only_where_there_is_something_to_compare(made, about, said):
    folder, prepared, _ = made
    person = max((one for one in prepared.sign_ins if about in one.who), key=lambda one: int(one.who.split()[0]))
    browser = Browser(create_app("intake", read_settings("intake", folder)))

    browser.get("/sign-in")
    browser.post("/sign-in", code=person.name, passphrase=person.passphrase)
    browser.get("/course")

    assert (said in readable(browser.page)) == (about == "every other day")
    assert "Your entries" in readable(browser.page)
