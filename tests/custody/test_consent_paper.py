"""The signed copy of a consent carries the text that was read, set for its own page."""

from datetime import UTC, datetime

import pypdfium2

from studyportal.custody.consent_copies.paper import SignedConsent, consent_paper


def test_lines_of_the_text_end_where_the_page_does_and_not_where_the_study_documents_do(protocol) -> None:
    consent = SignedConsent(
        participant_code="NS-4F7K-91QD",
        scopes=frozenset({"study"}),
        agreed_at=datetime(2026, 3, 3, 21, 40, tzinfo=UTC),
        zone="Europe/London",
        statement=b"{}",
        signature=bytes(64),
        public=bytes(32),
    )

    pdf = consent_paper(consent, protocol, address="https://diary.example.org/verify", synthetic=True)

    said = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    assert "how they fare. We want" in said
