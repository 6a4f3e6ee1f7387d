"""The reading desk: custody opens for the right person, site and purpose, says who did in the trail, and refuses in a
sentence."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
import sqlalchemy as sa

from studyportal import desk as wire
from studyportal import errors
from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.clinic.desk import AskedDesk, over_socket
from studyportal.custody.compaction.actions import compact
from studyportal.custody.desk_service import admitting, answering
from studyportal.custody.desk_service.app import asked_directly
from studyportal.custody.desk_service.desk import LABEL
from studyportal.custody.opening.key_file import load_keys
from studyportal.database import reading
from studyportal.desk import ANSWERS, CLOSED, PURPOSES, Asked, Pass, Refused
from studyportal.portal.inside import inside
from studyportal.portal.settings import read_settings
from studyportal.registry.alert_tables import SAFETY_ALERTS
from studyportal.registry.enrolments import enrolment_by_code
from studyportal.sealing.signatures import verify
from studyportal.web.refusals import STATUS
from tests.clinic.desk_cast import desk_of, enrolment_of, pass_of
from tests.journeys.cast import BASELINE, join, write
from tests.journeys.house import House

CANARY = "Zaunkoenig-9X2"
EVENING = {"pain_average": "9", "pain_worst": "9", "mood": "4", "hours_slept": "6.5", "flare": "no", "note": CANARY}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("desk"))
    house.run("site", "add", "NS", "Northside")
    house.run("site", "add", "SS", "Southside")
    yield house
    house.close()


@pytest.fixture(scope="module")
def her(house):
    her = join(house)
    write(her, "baseline", BASELINE)
    write(her, "evening", EVENING)
    return her


@pytest.fixture(scope="module")
def abe(house):
    return house.staff("clinic", "Nurse Abe", "clinician", "--site", "NS")


@pytest.fixture(scope="module")
def zoe(house):
    return house.staff("clinic", "Nurse Zoe", "clinician", "--site", "SS")


def trail(house, action):
    events = AUDIT_EVENTS["registry"].c
    with inside("custody", house.folder), reading("registry") as connection:
        query = sa.select(events.object_id, events.actor_kind, events.detail).where(events.action == action)
        return [(row.object_id, row.actor_kind, json.loads(row.detail)) for row in connection.execute(query)]


def test_a_clinician_reads_what_a_participant_of_the_own_site_wrote_and_the_trail_says_what_for(house, her, abe):
    enrolment = enrolment_of(house, her)

    course = desk_of(house).course(pass_of(abe, "visit"), enrolment)

    evening = next(entry for entry in course.entries if entry.instrument == "evening")
    assert evening.answers["note"] == CANARY
    assert (evening.occasion, evening.late, evening.source, course.faults) == (1, False, "participant", 0)
    assert (str(enrolment), "clinician", {"purpose": "visit", "what": "course"}) in trail(house, "desk:open")


def test_folded_entries_open_like_fresh_ones(house, her, abe):
    enrolment, desk = enrolment_of(house, her), desk_of(house)
    fresh = desk.course(pass_of(abe), enrolment)

    with inside("custody", house.folder) as settings:
        actor = admitting.Actor("custody", "command", "test")
        done = compact(keys=load_keys(settings.key_file), protocol=house.protocol, actor=actor, now=datetime.now(UTC))

    assert done.folded
    assert desk.course(pass_of(abe), enrolment) == fresh


def test_nobody_reads_another_sites_participant_and_the_trail_says_that_they_tried(house, her, zoe):
    enrolment, desk = enrolment_of(house, her), desk_of(house)

    for missing in (enrolment, uuid4()):
        with pytest.raises(errors.NotFound) as refusal:
            desk.course(pass_of(zoe), missing)
        assert refusal.value.sentence == admitting.NOBODY

    assert (str(enrolment), "clinician", {"purpose": "review", "refusal": "NotFound"}) in trail(house, "desk:refuse")


def test_an_alert_opens_to_its_names_at_its_own_site_only(house, her, abe, zoe):
    with inside("custody", house.folder), reading("registry") as connection:
        enrolment = enrolment_by_code(connection, her.code).id
        query = sa.select(SAFETY_ALERTS.c.id).where(SAFETY_ALERTS.c.enrolment == enrolment)
        alert = connection.scalars(query.order_by(SAFETY_ALERTS.c.raised_at.desc())).first()

    assert "severe_pain" in desk_of(house).alert(pass_of(abe, "alert"), alert)
    with pytest.raises(errors.NotFound, match="no such alert"):
        desk_of(house).alert(pass_of(zoe, "alert"), alert)


def test_a_paper_is_certified_by_custodys_own_key(house, her, abe):
    digest = bytes(range(32))

    signature = desk_of(house).certify(pass_of(abe), enrolment_of(house, her), digest, "visit-report")

    public = load_keys(house.folder / "custody-keys.json").public
    verify(f"{LABEL} visit-report", digest, signature, public=public)
    with pytest.raises(errors.Invalid):
        desk_of(house).certify(pass_of(abe), enrolment_of(house, her), digest, "grant")


def test_an_unknown_purpose_and_a_session_that_has_ended_open_nothing(house, her):
    enrolment, desk = enrolment_of(house, her), desk_of(house)
    browser = house.staff("clinic", "Nurse Bo", "clinician", "--site", "NS")
    shown = pass_of(browser)

    with pytest.raises(errors.Invalid, match="choose a purpose"):
        desk.course(Pass(shown.token, "curiosity"), enrolment)
    browser.get("/")
    browser.post("/sign-out")
    for token in (shown.token, "", "x" * 3000, "\ud7ff\U0001f600"):
        with pytest.raises(errors.NotSignedIn):
            desk.course(Pass(token, "review"), enrolment)


def test_an_account_reads_only_so_many_participants_in_an_hour(house, her, abe, monkeypatch):
    monkeypatch.setattr(admitting, "PARTICIPANTS", 1)
    other = join(house)
    desk, shown = desk_of(house), pass_of(abe)
    desk.course(shown, enrolment_of(house, her))

    with pytest.raises(errors.TooMany) as refusal:
        desk.course(shown, enrolment_of(house, other))

    assert refusal.value.retry_after > 0
    assert desk.course(shown, enrolment_of(house, her)).entries, "the one being read may be read on"


def test_an_erased_enrolment_is_said_to_be_erased(house, abe):
    gone = join(house)
    write(gone, "baseline", BASELINE)
    gone.browser.get("/leave/study/erase")
    gone.browser.post("/leave/study/erase", word="ERASE", alert="hand_over")
    house.work()

    with pytest.raises(errors.Gone, match="erased"):
        desk_of(house).course(pass_of(abe), enrolment_of(house, gone))


def test_more_than_is_handed_out_at_once_is_refused_and_not_cut(house, her, abe, monkeypatch):
    monkeypatch.setattr(answering, "LARGEST", 10)

    with pytest.raises(errors.TooLarge, match="more than the reading desk hands out"):
        desk_of(house).course(pass_of(abe), enrolment_of(house, her))


@pytest.mark.parametrize("sent", [(True, b"{"), (True, b"[]"), (False, b"{}"), (False, b"\xff")])
def test_what_cannot_be_read_on_the_way_back_is_a_closed_desk(sent):
    desk = AskedDesk(lambda question: sent)

    with pytest.raises(errors.Unavailable) as refusal:
        desk.course(Pass("token", "review"), uuid4())

    assert refusal.value.sentence == CLOSED


def test_a_dead_socket_is_a_closed_desk(tmp_path):
    for path in (tmp_path / "none.sock", tmp_path / ("long" * 40)):
        with pytest.raises(errors.Unavailable) as refusal:
            AskedDesk(over_socket(path)).course(Pass("token", "review"), uuid4())
        assert refusal.value.sentence == CLOSED


def test_a_mistake_inside_custody_is_told_to_custodys_log_by_its_place_and_to_the_clinic_not_at_all(
    house, her, abe, monkeypatch
):
    enrolment = enrolment_of(house, her)

    def broken(*arguments, **named):
        raise ValueError(CANARY)

    monkeypatch.setattr("studyportal.custody.desk_service.desk.course_of", broken)

    with pytest.raises(errors.Unavailable) as refusal:
        desk_of(house).course(pass_of(abe), enrolment)

    log = (house.folder / "custody.log").read_text()
    assert refusal.value.sentence == CLOSED
    assert '"error":"builtins.ValueError"' in log
    assert CANARY not in log
    assert str(enrolment) not in log
    assert pass_of(abe).token not in log


def test_a_key_file_that_others_can_read_keeps_the_desk_shut(house):
    settings = read_settings("custody", house.folder)
    settings.key_file.chmod(0o644)
    try:
        with pytest.raises(errors.Unsafe):
            asked_directly(house.rooms["custody"], settings)
    finally:
        settings.key_file.chmod(0o600)


def test_every_question_has_an_answer_and_every_refusal_a_way_back():
    assert set(Asked.__args__) == set(ANSWERS) == set(answering.ANSWERED)
    told = set(msgspec.inspect.type_info(Refused).fields[0].type.values)
    # What the desk never says: it changes nothing, asks nobody to sign in anew, and keeps its own troubles to itself.
    assert {kind.__name__ for kind in STATUS} - told <= {"Conflict", "NotFresh", "Unsafe"}
    assert all(len(purpose) <= 16 for purpose in PURPOSES)


def test_nothing_that_is_handed_out_shows_itself_when_printed(house, her, abe):
    course = desk_of(house).course(pass_of(abe), enrolment_of(house, her))

    for thing in (course, course.entries[0], wire.CourseAsked("token", "review", uuid4()), pass_of(abe)):
        assert CANARY not in repr(thing) + str(thing)
        assert pass_of(abe).token not in repr(thing) + str(thing)


def test_the_desk_keeps_no_answer_anywhere(house, her, abe):
    desk_of(house).course(pass_of(abe), enrolment_of(house, her))

    files = [file for file in Path(house.folder).rglob("*") if file.is_file()]
    assert not [file.name for file in files if CANARY.encode() in file.read_bytes()]


def test_an_opening_of_an_hour_ago_counts_no_more(house, her, abe, monkeypatch):
    monkeypatch.setattr(admitting, "PARTICIPANTS", 1)
    monkeypatch.setattr(admitting, "WITHIN", timedelta(0))

    assert desk_of(house).course(pass_of(abe), enrolment_of(house, join(house))).faults == 0


def test_what_is_older_than_asked_for_stays_shut(house, her, abe):
    enrolment, shown = enrolment_of(house, her), pass_of(abe)
    days = {entry.diary_date for entry in desk_of(house).course(shown, enrolment).entries}

    assert desk_of(house).course(shown, enrolment, since=min(days)).entries
    later = desk_of(house).course(shown, enrolment, since=max(days) + timedelta(days=5))
    assert (later.entries, later.faults) == ((), 0)
