"""`studyportal protocol check` says all that is wrong or worth a look; `schema` describes documents for editors."""

import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from studyportal.portal.commands.protocol import protocol
from studyportal.protocol import SHIPPED, ProtocolMistakes
from tests.protocol.documents import document

ALERT = "alerts:\n  calm: {on: evening, when: calm == yes, level: high, title: Calm}\n"


def run(*command: object) -> Result:
    return CliRunner().invoke(protocol, [*map(str, command)])


def written(folder: Path, text: str) -> Path:
    file = folder / "north.yaml"
    file.write_text(text)
    return file


@pytest.mark.parametrize(
    "file", [SHIPPED, Path("docs/examples/self-blinding/protocol.yaml")], ids=lambda file: file.parent.name
)
def test_the_shipped_documents_are_valid(file):
    done = run("check", Path(__file__).parents[2] / file)

    assert done.exit_code == 0
    assert "is valid" in done.output


def test_a_valid_document_says_what_it_holds(tmp_path):
    done = run("check", written(tmp_path, document()))

    assert done.output.splitlines() == [
        "north.yaml is valid: North study (NS-1), version 1.10.",
        "It has 1 instrument, 0 alerts, 1 language.",
        "evening: Evening, 1 item. Every day, from 17:00 for 10 hours, then late for 12 hours.",
    ]


def test_what_should_be_looked_at_stands_in_a_line_of_its_own(tmp_path):
    done = run("check", written(tmp_path, document() + ALERT))

    assert done.exit_code == 0
    assert "warning, line 19, alerts.calm.level: Only this alert has the level high." in done.output


def test_mistakes_are_a_refusal_with_every_line(tmp_path):
    broken = document("it: {ask: It?, kind: yes_no}\nother: {ask: It?, kind: slider, release: keep}")

    done = run("check", written(tmp_path, broken))

    assert isinstance(done.exception, ProtocolMistakes)
    assert [mistake.line for mistake in done.exception.mistakes] == [17, 18]


def test_the_schema_is_one_that_editors_can_read():
    schema = json.loads(run("schema").output)

    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["required"] == ["study", "disclosure", "consent", "instruments"]
