"""Consent records: protected numbers by study week on the page, in a file and in a signed register."""

import pypdfium2

from studyportal.paper import verified
from studyportal.sealing.signatures import public_of
from tests.research.conftest import Custody, Researcher


def test_a_researcher_sees_versions_scopes_and_withdrawals_by_week_and_no_small_number(researcher: Researcher) -> None:
    page = researcher.get("/projects/P-1/consents").text

    assert "Signed consent form 1.0" in page and "taken out of research" in page and "erased" in page
    assert (
        "&lt;11" in page
        and "600" in page
        and "Opened a code or a link (times)" in page
        and "685" in page
        and "rounded down to 5" in page
    )


def test_the_file_has_every_week_of_every_line(researcher: Researcher) -> None:
    lines = researcher.get("/projects/P-1/consents/records.csv").text.split()

    assert lines[0] == "what,name,strength,week,people"
    assert len(lines) == 1 + 5 * 3
    assert "withdrawal,sharing,remove,3,15" in lines and "withdrawal,sharing,erase,3,<11" in lines


def test_the_register_is_a_signed_paper_with_the_same_numbers(researcher: Researcher, custody: Custody) -> None:
    pdf = researcher.get("/projects/P-1/consents/records.pdf").data

    assert verified(pdf, public_of(custody.seed)).kind == "Consent register"
    said = " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    assert "Signed consent form 1.0" in said and "600" in said
