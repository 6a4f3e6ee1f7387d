"""Say what a sealed thing is and to whom it belongs, so that it opens nowhere else.

Sealing binds a context to every record; moved to another row, person, study or revision, a record stays shut.
The encoding is injective: every field carries its length, so no two contexts share their bytes. Nothing is
normalised here: two spellings are two contexts.
"""

from dataclasses import dataclass, field

from studyportal import errors


def framed(*parts: bytes) -> bytes:
    """Join `parts` so that they can be told apart again: each is preceded by its length in four bytes."""
    return b"".join([len(part).to_bytes(4, "big") + part for part in parts])


_LABEL = framed(b"studyportal context 1")


@dataclass(frozen=True, slots=True)
class Context:
    """What is bound to a sealed record.

    study, enrolment and id are identifiers as text; kind is the sort of record ("entry", "block", "seed:diary", ...);
    revision counts from 1. `canonical` is what sealing binds: a label, the four names and the revision (eight bytes),
    each with its length. Raises errors.Invalid for an empty or unencodable field or a revision outside 1..2**63-1.
    """

    study: str
    enrolment: str
    kind: str
    id: str
    revision: int = 1
    canonical: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = (self.study, self.enrolment, self.kind, self.id)
        if not all(names) or not type(self.study) is type(self.enrolment) is type(self.kind) is type(self.id) is str:
            raise errors.Invalid("A context names its study, enrolment, kind and id.")
        if type(self.revision) is not int or not 1 <= self.revision < 2**63:
            raise errors.Invalid("A revision is a whole number from 1.")
        try:
            bound = framed(*map(str.encode, names), self.revision.to_bytes(8, "big"))
        except UnicodeEncodeError:
            raise errors.Invalid("A context is ordinary text.") from None
        object.__setattr__(self, "canonical", _LABEL + bound)
