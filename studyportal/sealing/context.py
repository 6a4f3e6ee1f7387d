"""Say what a sealed thing is and to whom it belongs, so that it opens nowhere else.

Sealing binds a context to every record; moved to another row, person, study or revision, a record stays shut.
The encoding is injective: every field carries its length, so no two contexts share their bytes. Nothing is
normalised here: two spellings are two contexts.
"""

from dataclasses import dataclass

from studyportal import errors


def framed(*parts: bytes) -> bytes:
    """Join `parts` so that they can be told apart again: each is preceded by its length in four bytes."""
    return b"".join([len(part).to_bytes(4, "big") + part for part in parts])


@dataclass(frozen=True, slots=True)
class Context:
    """What is bound to a sealed record.

    study, enrolment and id are identifiers as text; kind is the sort of record ("entry", "block", "seed:diary", ...);
    revision counts from 1. Raises errors.Invalid for an empty or unencodable field or a revision outside 1..2**63-1.
    """

    study: str
    enrolment: str
    kind: str
    id: str
    revision: int = 1

    def __post_init__(self) -> None:
        fields = (self.study, self.enrolment, self.kind, self.id)
        if not all(type(field) is str and field for field in fields):
            raise errors.Invalid("A context names its study, enrolment, kind and id.")
        if type(self.revision) is not int or not 1 <= self.revision < 2**63:
            raise errors.Invalid("A revision is a whole number from 1.")
        try:
            "".join(fields).encode()
        except UnicodeEncodeError:
            raise errors.Invalid("A context is ordinary text.") from None

    @property
    def canonical(self) -> bytes:
        """The bytes that sealing binds: a label, the four names and the revision, each with its length."""
        return framed(
            b"studyportal context 1",
            self.study.encode(),
            self.enrolment.encode(),
            self.kind.encode(),
            self.id.encode(),
            self.revision.to_bytes(8, "big"),
        )
