"""Say whether receipts and a downloaded diary hold, from the files alone: without this server, and even against it.
Pure.

A receipt holds if the study's key signed it. An answer holds if blind and entry give the commitment that was signed.
What the download says in words beside the answers is for reading and is not proved.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from studyportal.errors import Invalid
from studyportal.intake.course.checking import Base64, from_base64url, is_genuine, read_receipt
from studyportal.intake.diary.receipts import Receipt
from studyportal.protocol import DiaryEntry, commitment_body, decode
from studyportal.protocol.entry import read_blind
from studyportal.sealing.signatures import commitment

OTHER_KEY = "the key that you gave did not sign it. The file was changed, or the key is another study's."


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence, and whether what it tells of holds."""

    holds: bool
    sentence: str


# msgspec has no "as it stands, or nothing": what is absent stands as null.
_NOTHING = msgspec.Raw(b"null")


class _Entry(msgspec.Struct, frozen=True):
    id: UUID
    receipt: msgspec.Raw
    signature: Base64 | None
    entry: msgspec.Raw = _NOTHING
    commitment: Base64 | None = None


class _Diary(msgspec.Struct, frozen=True):
    enrolment: UUID
    entries: list[_Entry]


def is_diary(data: bytes) -> bool:
    """Whether this file is a downloaded diary rather than a receipt."""
    try:
        msgspec.json.decode(data, type=_Diary)
    except (msgspec.MsgspecError, UnicodeError):
        return False
    return True


def of_receipt(data: bytes, *, public: bytes) -> tuple[Receipt, Finding]:
    """The receipt of a file, and whether intake's key (32 public bytes) signed it. Raises `Invalid` if it is none."""
    kept = read_receipt(data)
    if not is_genuine(kept, public=public):
        return kept, Finding(False, f"The receipt of entry {kept.entry} is false: {OTHER_KEY}")
    received = f"{kept.received_at:%Y-%m-%d %H:%M:%S} UTC"
    return kept, Finding(
        True, f"The receipt is genuine: study {kept.study} received entry {kept.entry} at {received} and signed for it."
    )


def of_diary(data: bytes, *, public: bytes, kept: Receipt | None = None) -> Sequence[Finding]:
    """A finding for each entry of a downloaded diary; with `kept`, first whether the entry of that receipt is in it as
    it was. Raises `Invalid` for another file."""
    try:
        diary = msgspec.json.decode(data, type=_Diary)
    except (msgspec.MsgspecError, UnicodeError):
        raise Invalid("This is not a diary as it is downloaded: choose the file my-diary.json.") from None
    first = [] if kept is None else [_of_kept(kept, diary)]
    return [*first, *_each(diary, public)]


def _of_kept(kept: Receipt, diary: _Diary) -> Finding:
    entry = next((one for one in diary.entries if one.id == kept.entry), None)
    if entry is None or diary.enrolment != kept.enrolment:
        return Finding(False, f"The diary does not hold entry {kept.entry}, for which there is a receipt.")
    answers = _answers(entry)
    if answers is None:
        return Finding(False, f"Entry {kept.entry} of the diary is there, but without answers that can be read.")
    if _committed(answers) != kept.commitment:
        return Finding(False, f"Entry {kept.entry} of the diary is not what its receipt was given for.")
    return Finding(True, f"Entry {kept.entry} of the diary is exactly what its receipt was given for.")


def _each(diary: _Diary, public: bytes) -> Iterator[Finding]:
    for one in diary.entries:
        holds, says = _one(one, diary.enrolment, public)
        answers = _answers(one)
        about = f"{answers.diary_date} {answers.instrument}" if answers else "An entry"
        yield Finding(holds, f"{about} ({one.id}): {says}")


def _one(one: _Entry, enrolment: UUID, public: bytes) -> tuple[bool, str]:
    answers = _answers(one)
    committed, receipt = one.commitment, None
    if one.receipt != _NOTHING and one.signature is not None:
        try:
            receipt = read_receipt(b'{"receipt":%b,"signature":"%b"}' % (bytes(one.receipt), one.signature.encode()))
        except Invalid:
            return False, "its receipt cannot be read."
        if not is_genuine(receipt, public=public):
            return False, f"its receipt is false: {OTHER_KEY}"
        if (receipt.entry, receipt.enrolment) != (one.id, enrolment):
            return False, "its receipt was given for another entry."
    if answers is None:
        return False, "it could not be opened when this was downloaded, so its answers are not here to be compared."
    if receipt is not None:
        same = _committed(answers) == receipt.commitment
        return (
            same,
            "the answers are those that were signed for."
            if same
            else "the answers are not those that were signed for.",
        )
    if answers.source == "participant" or committed is None:
        return False, "it has no receipt, and only what the clinic wrote may have none."
    if _committed(answers) != from_base64url(committed):
        return False, "the clinic wrote it, and the answers are not those that were kept."
    return True, "the clinic wrote it, so nobody signed for it; the answers are those that were kept."


def _answers(one: _Entry) -> DiaryEntry | None:
    """The entry with its answers; None for one that is not there or cannot be read."""
    try:
        return decode(bytes(one.entry))
    except Invalid:
        return None


def _committed(entry: DiaryEntry) -> bytes:
    return commitment(read_blind(entry.blind), commitment_body(entry))
