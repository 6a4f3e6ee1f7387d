"""Carry a code and the answers to the screening from page to page, in the form itself and nowhere else.

What is carried is signed by the room and good for a day. Answers are bound to the one person and the version of the
study they were given for; anything else is refused, and whoever reads the refusal starts again with the same code.
"""

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from studyportal.errors import Conflict, Gone, Invalid
from studyportal.intake.enrolment.offers import LASTS
from studyportal.protocol import Protocol
from studyportal.saying import said
from studyportal.web.answering.sent import Sent

_AGAIN = said("This took longer than a day. Start again with the same code; nothing has been kept.")
_NOT_WHOLE = said("This page is not complete any more. Start again with the same code; nothing has been kept.")
_CHANGED = said("The first questions have changed since you answered them. Start again with the same code.")


def make_ticket(code: str, site: str, *, secret: str) -> str:
    """An enrolment code that was found good, and its site, as text for a hidden field."""
    return _serializer(secret, "ticket").dumps([code, site])


def read_ticket(text: str, *, secret: str) -> tuple[str, str]:
    """The code and its site. Raises `Gone` after a day and `Invalid` for anything that was not made here."""
    code, site = _read(text, secret, "ticket")
    return code, site


def carry(sent: Sent, *, whose: str, protocol: Protocol, secret: str) -> str:
    """Answers as they were typed, as text for a hidden field; `whose` names one code or enrolment."""
    return _serializer(secret, "screening").dumps([whose, protocol.study.version, sent.answers, sent.missing])


def carried(text: str, *, whose: str, protocol: Protocol, secret: str) -> Sent:
    """The answers in a hidden field. Raises `Gone` after a day, `Invalid` for what was not made here or is somebody
    else's, and `Conflict` when the study has changed since."""
    of, version, answers, missing = _read(text, secret, "screening")
    if of != whose:
        raise Invalid(_NOT_WHOLE)
    if version != protocol.study.version:
        raise Conflict(_CHANGED)
    return Sent(answers, missing)


def changed() -> Conflict:
    """The refusal of answers that fitted when they were given and do not any more."""
    return Conflict(_CHANGED)


def _read(text: str, secret: str, what: str) -> list:  # type: ignore[type-arg]
    try:
        return _serializer(secret, what).loads(text, max_age=LASTS)
    except SignatureExpired:
        raise Gone(_AGAIN) from None
    except BadSignature:
        raise Invalid(_NOT_WHOLE) from None


def _serializer(secret: str, what: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt=f"studyportal {what} 1")
