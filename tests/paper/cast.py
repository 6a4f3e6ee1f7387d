"""A study's papers, and the keys that sign them."""

from datetime import UTC, datetime
from typing import Any

import altair as alt
import pypdfium2

from studyportal.charts import Chart, ChartTable
from studyportal.paper import Certificate, Paper, signed
from studyportal.paper.signing import CERTIFICATE, LABELS
from studyportal.sealing.signatures import public_of, sign

CUSTODY, EXPORT = bytes(range(32)), bytes(range(32, 64))
PUBLIC = public_of(CUSTODY)
CERTIFIED = Certificate(public_of(EXPORT), sign(CERTIFICATE, public_of(EXPORT), key=CUSTODY))


def paper(**other: Any) -> Paper:
    settings: dict[str, Any] = {
        "title": "Pain in the first nine weeks",
        "kind": "Cohort report",
        "study": "MCP-1",
        "study_title": "Microdosing and chronic pain",
        "made_at": datetime(2026, 3, 4, 9, 12, tzinfo=UTC),
        "as_of": datetime(2026, 3, 3, 21, 40, tzinfo=UTC),
        "address": "https://research.example.org/verify",
        "synthetic": False,
    }
    return Paper(**(settings | other))


def chart(title: str = "How pain went") -> Chart:
    drawn = alt.Chart(alt.Data(values=[{"week": 1, "pain": 6}, {"week": 2, "pain": 5}])).mark_line(opacity=0.5)
    drawn = drawn.encode(x="week:Q", y="pain:Q").properties(width=280, height=120)
    table = ChartTable("Pain by week", ("Week", "Pain"), (("1", "6"), ("2", "5")))
    return Chart(title=title, drawn=drawn, table=table, note="83 participants.")


def by_custody(pdf: bytes) -> bytes:
    return signed(pdf, lambda digest: sign(LABELS["custody"][0], digest, key=CUSTODY), by="custody")


def by_research(pdf: bytes, *, certificate: Certificate = CERTIFIED) -> bytes:
    sealed = lambda digest: sign(LABELS["research"][0], digest, key=EXPORT)
    return signed(pdf, sealed, by="research", certificate=certificate)


def opened(pdf: bytes) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(pdf)


def texts(pdf: bytes) -> list[str]:
    """What stands on each page, lines joined."""
    return [" ".join(page.get_textpage().get_text_range().split()) for page in opened(pdf)]
