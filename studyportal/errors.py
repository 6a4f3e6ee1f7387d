"""Say no in one sentence that a person can act on.

Every refusal in the building is one of these types. A refusal never carries an answer, a name or a key, because
its sentence ends up on pages and its type in logs. Which HTTP status a type becomes is decided once, in `web`.
"""

from collections.abc import Mapping

from studyportal.saying import said


class Refusal(Exception):
    """The base of every expected "no"; `sentence` is safe to show to anyone."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = said(sentence)


class Invalid(Refusal):
    """The input cannot be taken; `problems` maps the place (item, field, row) to what to do about it."""

    def __init__(self, sentence: str, problems: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.problems = {place: said(one) for place, one in (problems or {}).items()}


class NotSignedIn(Refusal):
    """Nobody is signed in, or the session has ended."""


class NotAllowed(Refusal):
    """Somebody is signed in, but may not do this."""


class NotFresh(Refusal):
    """Somebody may do this, but has to show a second factor again first: it reaches far."""


class NotFound(Refusal):
    """There is no such thing, or none that this person may know of: the two look the same."""


class Conflict(Refusal):
    """It contradicts something already kept: another body for an id, a code claimed a moment ago."""


class TooLarge(Refusal):
    """More than is taken at once."""


class TooMany(Refusal):
    """Too many tries; `retry_after` is in seconds."""

    def __init__(self, sentence: str, *, retry_after: int) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class Gone(Refusal):
    """It was here and has ended: an expired code, an erased enrolment."""


class Unavailable(Refusal):
    """Something this depends on cannot be reached now; trying again later is right."""


class CannotOpen(Refusal):
    """A seal or signature does not hold. Says no more than that, so that nothing can be learned by trying."""

    def __init__(self, sentence: str = said("This record cannot be opened.")) -> None:
        super().__init__(sentence)


class Unsafe(Refusal):
    """Settings, software or surroundings under which the room refuses to start."""


class WallCrossed(Unsafe):
    """Code reached for a database that its room does not have."""
