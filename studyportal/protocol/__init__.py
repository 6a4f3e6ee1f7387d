"""The study as values: what is asked, when, how each answer is checked, and how it may be released.

Pure: no database, no web, no cryptography, no clock. The whole building reads one document through here. Entries as
columns are in `studyportal.protocol.columns`, which needs pyarrow and is imported only where blocks are made or opened.
"""

from studyportal.protocol.answers import Answers, InvalidAnswers
from studyportal.protocol.document import ConsentForm, Disclosure, Instrument, Notices, Protocol, Scope, Section, Study
from studyportal.protocol.entry import DiaryEntry, commitment_body, decode, encode
from studyportal.protocol.items import Item, Release
from studyportal.protocol.kinds import KINDS, Kind, Unacceptable
from studyportal.protocol.mistakes import Mistake, ProtocolMistakes
from studyportal.protocol.reading import SHIPPED, read_protocol
from studyportal.protocol.released import released
from studyportal.protocol.schedules import (
    Duration,
    Occasion,
    Schedule,
    current_occasion,
    entry_dates,
    local_date,
    occasion,
    occasions_due,
    study_day,
    zone_named,
)
from studyportal.protocol.treatments import TREATMENTS, Treatment
from studyportal.protocol.versions import load_protocol

__all__ = [
    "KINDS", "SHIPPED", "TREATMENTS", "Answers", "ConsentForm", "DiaryEntry", "Disclosure", "Duration", "Instrument",
    "InvalidAnswers", "Item", "Kind", "Mistake", "Notices", "Occasion", "Protocol", "ProtocolMistakes", "Release",
    "Schedule", "Scope", "Section", "Study", "Treatment", "Unacceptable", "commitment_body", "current_occasion",
    "decode", "encode", "entry_dates", "load_protocol", "local_date", "occasion", "occasions_due", "read_protocol",
    "released", "study_day", "zone_named",
]  # fmt: skip
