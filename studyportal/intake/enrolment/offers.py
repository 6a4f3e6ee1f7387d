"""Carry a code and six fresh words from the page that shows them to the page that is signed with them.

Nothing is kept until consent is signed, so what was shown travels in the form itself: the codes in clear, the words
as a keyed hash only, all under a signature. Words that were not generated here are refused.
"""

import hashlib
import hmac
from dataclasses import dataclass, field

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from studyportal.errors import Gone, Invalid
from studyportal.saying import said
from studyportal.sealing.passphrase import normalise

# Reading a consent form may take an evening; whoever takes longer enters the code again and gets new words.
LASTS = 24 * 3600
_AGAIN = said("This took longer than a day. Enter your enrolment code again; you will get new words.")


@dataclass(frozen=True, slots=True)
class Offer:
    """What was shown to one person: their enrolment code, participant code, and a proof of their words."""

    code: str
    participant_code: str
    proof: str = field(repr=False)

    def fits(self, passphrase: str, *, secret: str) -> bool:
        """Whether these are the words that were shown, however they are spaced and capitalised."""
        try:
            return hmac.compare_digest(self.proof, _proof(self.participant_code, passphrase, secret=secret))
        except Invalid:
            return False


def make_offer(code: str, participant_code: str, passphrase: str, *, secret: str) -> str:
    """An offer as text for a hidden field; `secret` is the room's."""
    proof = _proof(participant_code, passphrase, secret=secret)
    return _serializer(secret).dumps([code, participant_code, proof])


def read_offer(text: str, *, secret: str) -> Offer:
    """The offer in a hidden field. Raises `Gone` after a day and `Invalid` for anything that was not made here."""
    try:
        return Offer(*_serializer(secret).loads(text, max_age=LASTS))
    except SignatureExpired:
        raise Gone(_AGAIN) from None
    except (BadSignature, TypeError):
        raise Invalid("This page is not complete any more. Enter your enrolment code again.") from None


def _serializer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="studyportal offer 1")


def _proof(participant_code: str, passphrase: str, *, secret: str) -> str:
    words = f"studyportal offer 1|{participant_code}|{normalise(passphrase)}"
    return hmac.new(secret.encode(), words.encode(), hashlib.sha256).hexdigest()
