"""Whoever holds a paper can know: it is ours and unaltered, or it is not."""

import base64

import pytest
from click.testing import CliRunner

from studyportal.errors import CannotOpen, Invalid
from studyportal.paper import Certificate, Prose, examined, fingerprint_of, printed, signed
from studyportal.paper.pades import signed_copy
from studyportal.paper.signing import CERTIFICATE, LABELS
from studyportal.portal.command_line import building
from studyportal.portal.commands.verify import SIGNERS
from studyportal.research import holdings
from studyportal.sealing.certificates import copy_key
from studyportal.sealing.signatures import public_of, sign
from tests.paper.cast import CUSTODY, EXPORT, PUBLIC, by_custody, by_research, paper

PDF = printed(paper(), [Prose("All of them share.")])
COPY = signed_copy(PDF, copy_key(CUSTODY, study="MCP-1"), reason="A copy of the consent")
SIGNED = {"custody": by_custody(PDF), "research": by_research(PDF), "copy": COPY}


@pytest.mark.parametrize("by", SIGNED)
def test_a_signed_paper_says_what_it_is_and_who_signed(by):
    verdict = examined(SIGNED[by], PUBLIC)

    assert verdict.is_whole
    assert (verdict.kind, verdict.title) == ("Cohort report", "Pain in the first nine weeks")
    assert verdict.study == "Microdosing and chronic pain (MCP-1)"
    assert verdict.made_at == paper().made_at
    assert verdict.fingerprint == fingerprint_of(PDF)
    assert verdict.by == ("research" if by == "research" else "custody")


@pytest.mark.parametrize("by", SIGNED)
def test_no_byte_can_be_changed_added_or_taken_away(by):
    pdf = SIGNED[by]
    # The signature of a copy, in its own envelope, is the one part that it does not cover.
    envelope = range(pdf.find(b"/Contents <"), pdf.rfind(b"/ByteRange")) if by == "copy" else range(0)
    places = [at for at in range(10, len(pdf) - 1, len(pdf) // 40) if at not in envelope]
    altered = [pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :] for at in places]
    altered += [pdf + b"\n", pdf + b"%", pdf + pdf, pdf[:-200]]

    for one in altered:
        with pytest.raises((CannotOpen, Invalid)):
            examined(one, PUBLIC)


@pytest.mark.parametrize("by", SIGNED)
def test_another_studys_paper_is_not_ours(by):
    with pytest.raises((CannotOpen, Invalid)):
        examined(SIGNED[by], public_of(EXPORT))


def test_a_paper_without_a_signature_is_none_of_ours():
    for file in (PDF, b"", b"%PDF-", b"hello", b"%PDF-1.7 /ByteRange [0 1 2 3]", b"\x00" * 1000):
        with pytest.raises(Invalid):
            examined(file, PUBLIC)


def test_research_cannot_sign_for_custody_nor_anybody_for_research():
    forged = by_research(PDF).replace(b"%studyportal-signature research", b"%studyportal-signature custody")
    own = Certificate(public_of(EXPORT), sign(CERTIFICATE, public_of(EXPORT), key=EXPORT))
    with pytest.raises(CannotOpen):
        examined(forged, PUBLIC)
    with pytest.raises(Invalid):
        examined(by_research(PDF, certificate=own), PUBLIC)
    with pytest.raises(Invalid):
        signed(PDF, lambda digest: b"", by="custody", certificate=own)


def test_a_copy_signed_with_a_certificate_that_custody_did_not_issue_is_not_ours():
    other = signed_copy(PDF, copy_key(EXPORT, study="MCP-1"), reason="A copy")

    with pytest.raises(Invalid):
        examined(other, PUBLIC)


def test_the_key_of_copies_is_the_same_each_time_and_another_for_each_study():
    assert copy_key(CUSTODY, study="MCP-1") == copy_key(CUSTODY, study="MCP-1")
    assert copy_key(CUSTODY, study="MCP-1")[1] != copy_key(CUSTODY, study="MCP-2")[1]


def test_the_labels_are_those_that_the_rooms_sign_under():
    assert holdings.CERTIFICATE_LABEL == CERTIFICATE
    assert set(SIGNERS) == set(LABELS)


@pytest.mark.parametrize("order", [("file", "key"), ("key", "file"), ("paper", "file", "key")])
def test_the_command_tells_in_words(tmp_path, order):
    file = tmp_path / "report.pdf"
    file.write_bytes(SIGNED["research"])
    given = {"file": [str(file)], "key": ["--custody-key", base64.b64encode(PUBLIC).decode()], "paper": ["paper"]}

    answer = CliRunner().invoke(building, ["verify", *(word for part in order for word in given[part])])

    assert answer.exit_code == 0, answer.output
    assert "Cohort report: Pain in the first nine weeks" in answer.output
    assert "Made 2026-03-04 09:12 UTC, signed by the research room" in answer.output
    assert f"Fingerprint: {fingerprint_of(PDF)}" in answer.output


def test_the_command_refuses_an_altered_paper(tmp_path):
    file = tmp_path / "report.pdf"
    file.write_bytes(SIGNED["custody"].replace(b"Pain in", b"Gain in"))

    answer = CliRunner().invoke(building, ["verify", str(file), "--custody-key", base64.b64encode(PUBLIC).decode()])

    assert isinstance(answer.exception, CannotOpen)
