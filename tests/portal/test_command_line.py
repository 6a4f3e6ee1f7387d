"""Commands print sentences, refuse in one line, and answer with the right exit code."""

import io
import re
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import click
import pytest
from pysqlite3 import dbapi2

from studyportal.portal import command_line
from studyportal.portal.command_line import COMMANDS, building
from studyportal.portal.commands.staff import HOME
from studyportal.portal.composing import load
from studyportal.web.sign_in.tables import STAFF_ROLES

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Done:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance with the site "NS"."""
    folder = tmp_path_factory.mktemp("commands") / "instance"
    assert call("init", "--instance", folder).code == 0
    assert call("site", "add", "NS", "North Street", "--instance", folder).code == 0
    return folder


def call(*command: object) -> Done:
    """Run a command as the script does, in this process."""
    out, err, former = io.StringIO(), io.StringIO(), sys.argv
    sys.argv = ["studyportal", *map(str, command)]
    try:
        # What a process gives up for good is not for the process of the tests.
        with (
            patch.object(command_line, "harden"),
            redirect_stdout(out),
            redirect_stderr(err),
            pytest.raises(SystemExit) as ended,
        ):
            command_line.main()
    finally:
        sys.argv = former
    return Done(int(ended.value.code or 0), out.getvalue(), err.getvalue())


def refusal(*command: object) -> str:
    """The one line of a refused command."""
    done = call(*command)
    assert (done.code, done.out) == (1, ""), done
    assert done.err.count("\n") == 1, done.err
    return done.err.strip()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_loaded_and_says_what_it_does(name):
    command = load(COMMANDS[name][0])

    assert isinstance(command, click.Command)
    assert command.name == name
    assert command.help and command.help.split("\n")[0].endswith(".")


def test_help_names_every_command_without_loading_the_rooms():
    code = "import sys; from studyportal.portal.command_line import building; building.main(['--help'], standalone_mode=False);"
    code += "print([name for name in sys.modules if name.startswith(('studyportal.intake', 'studyportal.custody'))])"

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )

    assert all(re.search(rf"^  {name}\b", done.stdout, re.MULTILINE) for name in COMMANDS)
    assert done.stdout.rstrip().endswith("[]")


def test_no_command_can_leave_a_core_dump_or_a_file_that_everybody_reads():
    code = "import os, resource; from studyportal.portal import command_line; command_line.building.main = lambda **_: "
    code += "print(resource.getrlimit(resource.RLIMIT_CORE), oct(os.umask(0))); command_line.main()"

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout == "(0, 0) 0o27\n"


def test_every_role_has_a_room():
    assert set(HOME) == set(STAFF_ROLES)


def test_staff_come_and_go(instance):
    invited = call("staff", "invite", "Ada Young", "--role", "clinician", "--site", "NS", "--instance", instance)
    before = call("staff", "list", "--instance", instance).out
    call("staff", "end", "ada young", "--role", "clinician", "--instance", instance)
    after = call("staff", "list", "--instance", instance).out

    assert re.fullmatch(r"  http://localhost:8001/welcome#[\w-]{43}", invited.out.splitlines()[-1])
    assert re.search(r"Ada Young  invited until \d{4}-\d\d-\d\d", before) and "ended" not in before
    assert re.search(r"Ada Young  ended \d{4}-\d\d-\d\d", after)


REFUSED = [
    (("staff", "invite", "Bo", "--role", "clinician"), "give --site"),
    (("staff", "invite", "Bo", "--role", "researcher", "--site", "NS"), "belongs to no site"),
    (("staff", "invite", "Bo", "--role", "clinician", "--site", "XX"), "There is no site XX."),
    (("staff", "invite", "Bo", "--role", "auditor", "--again"), "There is no auditor of this name there."),
    (("staff", "end", "Nobody", "--role", "auditor"), "There is no auditor of this name."),
    (("site", "add", "NS", "Again"), "There is a site NS already."),
    (("site", "add", "north", "North"), "capital letters"),
    (("custody", "codes", "XX"), "There is no such site."),
    (("custody", "codes", "NS", "--count", "0"), "Issue 1 to 500"),
    (("custody", "publish"), "nothing to publish"),
    (("database", "grants"), "SQLite has no grants"),
    (("init",), "nothing was changed"),
]


@pytest.mark.parametrize(("command", "said"), REFUSED, ids=[" ".join(command) for command, _ in REFUSED])
def test_a_refusal_is_one_line(command, said, instance):
    assert said in refusal(*command, "--instance", instance)


def test_without_an_instance_every_noun_says_how_to_make_one(tmp_path):
    for command in (
        ("staff", "list"),
        ("audit", "verify"),
        ("custody", "compact"),
        ("database", "status"),
        ("serve",),
        ("work",),
    ):
        assert "studyportal init" in refusal(*command, "--instance", tmp_path)


def test_a_wrong_call_is_told_apart_from_a_refusal():
    done = call("staff", "invite")

    assert done.code == 2
    assert "Usage:" in done.err


def test_a_document_with_mistakes_gets_a_line_for_each(tmp_path):
    document = tmp_path / "study.yaml"
    document.write_text("study: {code: X}\nfoo: 1\n")

    done = call("init", "--instance", tmp_path / "i", "--protocol", document)

    assert done.code == 1
    assert re.match(r"The study document study.yaml has \d+ mistakes\.\n(line \d+, .+\n)+", done.err)


def test_our_own_mistake_shows_its_place_and_no_value(monkeypatch):
    def breaks(**_: object) -> None:
        raise ValueError("an answer nobody may read")

    monkeypatch.setattr(building, "main", breaks)
    done = call("init")

    assert done.code == 3
    assert "builtins.ValueError" in done.err and "nobody may read" not in done.err


def test_a_trail_that_was_rolled_back_is_told_by_a_checkpoint(instance, tmp_path):
    yesterday = shutil.copytree(instance, tmp_path / "instance")
    call("site", "add", "SS", "South Street", "--instance", instance)
    call("audit", "checkpoint", tmp_path / "checkpoint", "--instance", instance)

    today = call("audit", "verify", "--witness", tmp_path / "checkpoint", "--instance", instance)
    rolled_back = call("audit", "verify", "--witness", tmp_path / "checkpoint", "--instance", yesterday)

    assert today.code == 0 and "NOT" not in today.out
    assert rolled_back.code == 1 and "is gone" in rolled_back.out


def test_an_altered_event_is_found(instance, tmp_path):
    altered = shutil.copytree(instance, tmp_path / "instance")
    registry = dbapi2.connect(str(altered / "registry.sqlite"))
    registry.executescript("DROP TRIGGER audit_events_no_update; UPDATE audit_events SET actor_id = 'somebody else'")
    registry.close()

    found = call("audit", "verify", "--instance", altered)

    assert found.code == 1
    assert re.search(r"registry +\d+ events: NOT WHOLE", found.out) and "was altered" in found.out


@pytest.mark.parametrize("paper", ["{}", "nonsense", '{"body": "{}", "signature": "00"}'])
def test_a_paper_that_is_no_checkpoint_is_refused(paper, instance, tmp_path):
    (tmp_path / "paper").write_text(paper)

    assert "paper" in refusal("audit", "verify", "--witness", tmp_path / "paper", "--instance", instance)
