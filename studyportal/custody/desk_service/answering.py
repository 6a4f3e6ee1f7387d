"""Answer one message to the desk with one message, whatever carried it. A refusal is an answer too.

What nobody expected is told by its type and place to the caller's `tell`, never by its text; the clinic reads only that
nothing was opened.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from studyportal.desk import (
    CLOSED,
    LARGEST,
    TOO_LARGE,
    AlertAsked,
    Asked,
    CertifyAsked,
    CourseAsked,
    Desk,
    MessagesAsked,
    NotesAsked,
    Pass,
    Refused,
)
from studyportal.errors import Refusal, TooLarge, TooMany, Unavailable, Unsafe

# The longest honest question is a few hundred bytes.
LONGEST = 4096

_decoder = msgspec.json.Decoder(Asked)
_encoder = msgspec.json.Encoder()

ANSWERED: Mapping[type, Callable[[Desk, Pass, Any], object]] = {
    AlertAsked: lambda desk, shown, asked: desk.alert(shown, asked.alert),
    CertifyAsked: lambda desk, shown, asked: desk.certify(shown, asked.enrolment, asked.digest, asked.kind),
    CourseAsked: lambda desk, shown, asked: desk.course(shown, asked.enrolment, since=asked.since),
    MessagesAsked: lambda desk, shown, asked: desk.messages(shown, asked.enrolment),
    NotesAsked: lambda desk, shown, asked: desk.notes(shown, asked.alert),
}


def answer(question: bytes, desk: Desk, *, tell: Callable[[Exception], None]) -> tuple[bool, bytes]:
    """Whether it was answered, and the answer or a `Refused`."""
    try:
        asked = _decoder.decode(question)
        found = _encoder.encode(ANSWERED[type(asked)](desk, Pass(asked.token, asked.purpose), asked))
        if len(found) > LARGEST:
            raise TooLarge(TOO_LARGE)
    except msgspec.MsgspecError:
        return False, _refused(Unavailable("The reading desk was asked something that it cannot read."))
    except Refusal as refusal:
        if isinstance(
            refusal, Unsafe
        ):  # the key file is missing or open to others: for custody to know, not for a page
            tell(refusal)
            return False, _refused(Unavailable(CLOSED))
        return False, _refused(refusal)
    except Exception as mistake:  # noqa: BLE001 - whatever it is, its text may hold values and must not travel
        tell(mistake)
        return False, _refused(Unavailable(CLOSED))
    return True, found


def _refused(refusal: Refusal) -> bytes:
    later = refusal.retry_after if isinstance(refusal, TooMany) else 0
    return _encoder.encode(Refused(type(refusal).__name__, str(refusal.sentence), later))  # type: ignore[arg-type]
