"""What is known of a paper whose signature holds; and the two sentences for a file that is none, or no longer."""

import re
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from studyportal.paper.fingerprint import fingerprint_of

ALTERED = "This file claims to be signed, but the signature does not hold: it was altered, or comes from another study."
NOT_OURS = "This file does not come from this study, or was saved anew by another program."


@dataclass(frozen=True, slots=True)
class Verdict:
    """A paper that is whole. `by` says who signed: "custody" or "research"."""

    kind: str
    title: str
    study: str
    made_at: datetime | None
    fingerprint: str
    by: str
    is_whole: bool = True


def about(pdf: bytes, by: str) -> Verdict:
    """What a file says of itself. Only ask after its signature held: until then anybody may have written it."""
    # Loaded when somebody verifies: rooms start without it.
    from pyhanko.pdf_utils.reader import PdfFileReader

    told = PdfFileReader(BytesIO(pdf)).trailer["/Info"]
    made = re.match(r"D:(\d{14})([+-]\d\d)'?(\d\d)", str(told["/CreationDate"]))
    return Verdict(
        kind=str(told["/Subject"]),
        title=str(told["/Title"]),
        study=str(told["/Author"]),
        made_at=datetime.strptime("".join(made.groups()), "%Y%m%d%H%M%S%z") if made else None,
        fingerprint=fingerprint_of(pdf),
        by=by,
    )
