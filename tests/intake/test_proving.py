"""Anybody can check a receipt and a downloaded diary with the study's key alone; whatever was changed is named."""

import json
from base64 import b64decode, b64encode, urlsafe_b64encode
from uuid import uuid4

import pytest

from studyportal.intake.diary.receipts import LABEL
from studyportal.sealing.signatures import Signer
from tests.intake.conftest import Browser, hidden, inside
from tests.portal.test_command_line import call


@pytest.fixture
def kept(room, tmp_path):
    """What somebody has on their own computer: (folder with receipt.json and my-diary.json, the study's key)."""
    study, app = room
    claimed, browser = inside(app, study.participant), Browser(app)
    browser.sign_in(claimed)
    for path, answers in (
        ("/diary/evening/1", {"pain_average": "4"}),
        ("/diary/dose", {"substance": "lsd", "taken": "2026-03-02T20:10"}),
    ):
        page = browser.get(path).text
        sent = browser.post(path, hidden(page) | answers, page=page)
        assert sent.status_code == 303
        if path.endswith("1"):
            (tmp_path / "receipt.json").write_bytes(browser.get(f"{sent.location}/receipt").data)
    (tmp_path / "my-diary.json").write_bytes(browser.get("/download").data)
    key = b64encode(study.signer.public).decode()
    assert key in browser.get("/check").text.replace("&#43;", "+")
    return tmp_path, key


def verify(folder, key, *files):
    return call(
        "verify", folder / files[0], *(word for file in files[1:] for word in ("--diary", folder / file)), "--key", key
    )


def changed(folder, file, change):
    document = json.loads((folder / file).read_bytes())
    change(document)
    (folder / file).write_text(json.dumps(document, indent=1))


def test_a_receipt_and_each_entry_of_the_diary_hold(kept):
    folder, key = kept

    alone = verify(folder, key, "receipt.json")
    both = verify(folder, key, "receipt.json", "my-diary.json")
    diary = verify(folder, urlsafe_b64encode(b64decode(key)).decode().rstrip("="), "my-diary.json")

    assert (alone.code, both.code, diary.code) == (0, 0, 0)
    assert alone.out.startswith("The receipt is genuine: study MCP-1 received entry ")
    assert both.out.startswith(alone.out) and "is exactly what its receipt was given for." in both.out
    assert diary.out.count("the answers are those that were signed for.") == 2
    assert "evening" in diary.out and "lsd" not in both.out + diary.out


def _evening(diary):
    return next(one for one in diary["entries"] if one["entry"]["instrument"] == "evening")


def _flip(diary):
    _evening(diary)["entry"]["answers"]["pain_average"] = 5


def _swap(diary):
    first, second = diary["entries"]
    for part in ("receipt", "signature"):
        first[part], second[part] = second[part], first[part]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (_flip, "the answers are not those that were signed for."),
        (_swap, "its receipt was given for another entry."),
        (lambda diary: _evening(diary).update(receipt=None, signature=None), "it has no receipt"),
        (lambda diary: _evening(diary)["receipt"].pop("study"), "its receipt cannot be read."),
        (lambda diary: _evening(diary).update(signature="A" * 86), "its receipt is false"),
        (lambda diary: _evening(diary)["entry"].update(diary_date="2026-03-01"), "not those that were signed for."),
        (lambda diary: _evening(diary)["entry"].update(blind="A" * 43), "not those that were signed for."),
        (lambda diary: _evening(diary).pop("entry"), "its answers are not here to be compared."),
        (lambda diary: diary.update(enrolment=str(uuid4())), "its receipt was given for another entry."),
    ],
)
def test_whatever_was_changed_in_the_diary_is_named(kept, change, sentence):
    folder, key = kept
    changed(folder, "my-diary.json", change)

    found = verify(folder, key, "receipt.json", "my-diary.json")

    assert found.code == 1
    assert sentence in found.out
    assert "do not hold. Keep the files and tell the study team." in found.err


def test_a_flipped_answer_is_not_what_the_receipt_that_was_kept_says(kept):
    folder, key = kept
    changed(folder, "my-diary.json", _flip)

    found = verify(folder, key, "receipt.json", "my-diary.json")

    assert "of the diary is not what its receipt was given for." in found.out
    assert found.out.count("those that were signed for.") == 2


def test_an_entry_that_has_gone_is_missed(kept):
    folder, key = kept
    changed(folder, "my-diary.json", lambda diary: diary["entries"].remove(_evening(diary)))

    found = verify(folder, key, "receipt.json", "my-diary.json")

    assert found.code == 1 and "The diary does not hold entry" in found.out


def test_a_wrong_signature_and_a_wrong_key_are_told_and_the_key_of_the_file_is_not_believed(kept):
    folder, key = kept
    forger = Signer(b"f" * 32)
    other = verify(folder, b64encode(forger.public).decode(), "receipt.json")

    def forge(kept):
        body = json.dumps(kept["receipt"], sort_keys=True, separators=(",", ":")).encode()
        kept["signature"] = urlsafe_b64encode(forger.sign(LABEL, body)).decode().rstrip("=")

    changed(folder, "receipt.json", forge)
    forged = verify(folder, key, "receipt.json")

    assert (other.code, forged.code) == (1, 1)
    assert "is false: the key that you gave did not sign it." in other.out
    assert "is false: the key that you gave did not sign it." in forged.out


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"receipt": {}}', '{"entries": []}', "\ufeff{}"])
def test_another_file_is_refused_in_a_sentence(kept, text):
    folder, key = kept
    (folder / "other.json").write_text(text)

    refused = verify(folder, key, "other.json")

    assert refused.code == 1 and "This is not a receipt of this study." in refused.err and refused.out == ""
    assert verify(folder, "too short", "receipt.json").err == "A receipt key is 32 bytes as base64.\n"
    assert call("verify", folder / "receipt.json").code == 2


def test_the_keys_to_publish_are_those_that_verify(tmp_path):
    folder = tmp_path / "instance"
    assert "studyportal verify keys" in call("init", "--instance", folder).out

    printed = call("verify", "keys", "--instance", folder)

    assert printed.code == 0
    assert [line.partition(":")[0] for line in printed.out.splitlines()] == [
        "custody, for papers and releases", "intake, for receipts",
    ]  # fmt: skip
    assert all(len(b64decode(line.rpartition(" ")[2])) == 32 for line in printed.out.splitlines())
