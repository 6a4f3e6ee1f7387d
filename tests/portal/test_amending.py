"""Putting a new version of the study document into force: whole or not at all, and the one before it is kept."""

import stat
from pathlib import Path

import pytest

from studyportal.audit import Actor
from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.database import reading
from studyportal.errors import Conflict, NotFound
from studyportal.portal import amending
from studyportal.portal.amending import RESTART_ORDER, amend
from studyportal.portal.inside import inside
from studyportal.portal.making import PROTOCOL, Wanted, make_instance
from studyportal.portal.rooms import ROOMS
from studyportal.protocol import ProtocolMistakes, load_protocol
from tests.portal.cast import NOW
from tests.portal.test_command_line import call
from tests.protocol.documents import HEAD, document

ITEM = "pain: {ask: How much?, kind: rating, low: None, high: Worst, release: keep}"
CUSTODIAN = Actor("custody", "command", "the custodian")


def numbered(version, items=ITEM, **other):
    return document(items, head=HEAD.replace('"1.10"', f'"{version}"'), **other)


COMPATIBLE = numbered("1.1", ITEM.replace("How much?", "How much pain?"))
BREAKING = numbered("1.2", ITEM.replace("low: None", "low: Nothing"))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An instance on version 1.0, made once: each test gets its own copy of the document."""
    folder = tmp_path_factory.mktemp("amending") / "instance"
    make_instance(Wanted(folder, numbered("1.0"), "north.yaml", synthetic=False), now=NOW)
    return folder


@pytest.fixture
def instance(made):
    (made / PROTOCOL).write_text(numbered("1.0"))
    for file in (made / "protocol.earlier").glob("*"):
        file.unlink()
    return made


def written(folder: Path, text: str) -> Path:
    file = folder / "new.yaml"
    file.write_text(text)
    return file


def amended(instance, tmp_path, text, *, breaking=False, said=None):
    return amend(
        instance,
        written(tmp_path, text),
        breaking=breaking,
        say=(lambda changes: None) if said is None else said.extend,
        actor=CUSTODIAN,
        now=NOW,
    )


def test_the_new_version_is_in_force_the_former_one_is_kept_and_the_trail_says_so(instance, tmp_path):
    said = []

    done = amended(instance, tmp_path, COMPATIBLE, said=said)

    study = load_protocol(instance / PROTOCOL)
    assert (done.former, done.present, done.rooms) == ("1.0", "1.1", RESTART_ORDER)
    assert study.study.version == "1.1" and list(study.earlier) == ["1.0"]
    assert [change.verdict for change in said] == ["compatible"]
    assert (instance / "protocol.earlier" / "1.0.yaml").read_text() == numbered("1.0")
    with inside("custody", instance), reading("keyring") as connection:
        told = [row for row in connection.execute(AUDIT_EVENTS["keyring"].select()) if row.action == "protocol:amend"]
    assert told[-1].object_id == "1.1" and study.digest in told[-1].detail


def test_what_is_kept_can_be_read_by_those_who_could_read_it_before_and_by_nobody_else(instance, tmp_path):
    (instance / PROTOCOL).chmod(0o640)

    amended(instance, tmp_path, COMPATIBLE)

    kept = instance / "protocol.earlier" / "1.0.yaml"
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (instance / PROTOCOL, kept, kept.parent)]
    assert modes == [0o640, 0o640, 0o750]


def test_a_breaking_version_must_be_meant(instance, tmp_path):
    with pytest.raises(Conflict) as refusal:
        amended(instance, tmp_path, BREAKING)
    before = load_protocol(instance / PROTOCOL)
    amended(instance, tmp_path, BREAKING, breaking=True)

    assert "--breaking" in refusal.value.sentence
    assert before.study.version == "1.0" and load_protocol(instance / PROTOCOL).study.version == "1.2"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (numbered("1.0", ITEM.replace("How much?", "Other?")), Conflict),
        (numbered("0.9"), Conflict),
        (numbered("1.1", schedule='{every: 2 days, opens: "17:00", for: 10 hours, grace: 12 hours}'), Conflict),
        (numbered("1.1").replace("NS-1", "SS-1"), Conflict),
        ("study: {}\n", ProtocolMistakes),
    ],
)
def test_what_cannot_follow_changes_nothing_even_when_it_is_meant(instance, tmp_path, text, kind):
    with pytest.raises(kind):
        amended(instance, tmp_path, text, breaking=True)

    assert (instance / PROTOCOL).read_text() == numbered("1.0")
    assert list((instance / "protocol.earlier").glob("*")) == []


def test_the_same_document_again_changes_nothing(instance, tmp_path):
    amended(instance, tmp_path, COMPATIBLE)

    again = amended(instance, tmp_path, COMPATIBLE)

    assert (again.former, again.present) == ("1.1", "1.1")
    assert list(load_protocol(instance / PROTOCOL).earlier) == ["1.0"]


@pytest.mark.parametrize("step", ["write_new", "os.replace", "sync_folder", "_tell_trail"])
@pytest.mark.parametrize("time", [1, 2, 3])
def test_killed_at_any_moment_the_instance_reads_one_whole_version_and_can_be_amended(
    instance, tmp_path, monkeypatch, step, time
):
    class Killed(BaseException):
        pass

    owner, name = (amending.os, "replace") if step == "os.replace" else (amending, step)
    whole, calls = getattr(owner, name), []

    def killed(*given, **named):
        calls.append(given)
        if len(calls) == time:
            raise Killed
        return whole(*given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, killed)
        try:
            amended(instance, tmp_path, COMPATIBLE)
        except Killed:
            pass
    between = load_protocol(instance / PROTOCOL)
    amended(instance, tmp_path, COMPATIBLE)

    assert between.study.version in ("1.0", "1.1")
    assert list(between.earlier) == ([] if between.study.version == "1.0" else ["1.0"])
    assert list(load_protocol(instance / PROTOCOL).earlier) == ["1.0"]
    assert [file.name for file in (instance / "protocol.earlier").iterdir()] == ["1.0.yaml"]


def test_rooms_that_read_different_documents_are_not_amended(instance, tmp_path):
    settings = instance / "clinic.toml"
    before = settings.read_text()
    (instance / "other.yaml").write_text(numbered("1.0"))
    settings.write_text(before.replace('protocol = "protocol.yaml"', 'protocol = "other.yaml"'))

    with pytest.raises(Conflict) as refusal:
        amended(instance, tmp_path, COMPATIBLE)
    settings.write_text(before)

    assert "different study documents" in refusal.value.sentence


def test_a_folder_without_rooms_is_no_instance(tmp_path):
    with pytest.raises(NotFound):
        amended(tmp_path, tmp_path, COMPATIBLE)


def test_every_room_has_its_place_in_the_order_of_restarting():
    assert sorted(RESTART_ORDER) == sorted(ROOMS)


def test_the_commands_say_what_changes_and_what_to_restart(instance, tmp_path):
    new = written(tmp_path, BREAKING)

    shown = call("protocol", "diff", instance / PROTOCOL, new)
    refused = call("protocol", "amend", instance, new)
    done = call("protocol", "amend", instance, new, "--breaking")
    again = call("protocol", "amend", instance, new)

    assert shown.code == 0 and shown.out.startswith("breaking, instruments.evening.items.pain: The low end")
    assert "pain__since_1_2" in shown.out
    assert refused.code == 1 and "--breaking" in refused.err
    assert "Restart the rooms, in this order: custody, clinic, intake, research" in done.out
    assert "nothing was changed" in again.out


def test_a_difference_that_cannot_be_ends_with_one(tmp_path):
    old = written(tmp_path, numbered("1.0"))
    (tmp_path / "older.yaml").write_text(numbered("0.9"))

    done = call("protocol", "diff", old, tmp_path / "older.yaml")

    assert done.code == 1 and "refused, study.version" in done.out
