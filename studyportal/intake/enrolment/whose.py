"""Name a person for their own browser, so that what it keeps of one is shown to nobody else on the same device.

The name is a keyed digest: it says nothing about the enrolment to whoever finds it on the phone.
"""

import hashlib
import hmac
from uuid import UUID

from studyportal.intake.enrolment.visitors import caller
from studyportal.web.access import visitor
from studyportal.web.here import here


def name_of(enrolment: UUID) -> str:
    """16 hexadecimal digits; the same for the same person in this room."""
    secret = here().settings.secret_key.encode()
    return hmac.new(secret, b"studyportal drafts 1|" + enrolment.bytes, hashlib.sha256).hexdigest()[:16]


def keeping_for() -> str:
    """Whose diary this browser may keep: somebody who said at signing in that it remembers them; "" for nobody."""
    known = visitor()
    if known is None or known.role != "participant":
        return ""
    found = caller()
    return name_of(found.enrolment) if found.is_remembered else ""


def may_read() -> bool:
    """Whether whoever is signed in here opens their own entries without being asked for their words first."""
    known = visitor()
    return known is not None and known.role == "participant" and caller().can_read
