"""Say by a mark what a person's rows are made from, so that they can be taken over while nothing of it has changed.

A mark is a keyed digest: of the person's blocks, scopes, start and end, place among the subjects, of every version of
the study document, and of the code that de-identifies. Whatever changes, the mark changes; who has only marks learns
nothing else.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from uuid import UUID

import msgspec

from studyportal.custody import deidentification
from studyportal.custody.deidentification.tables import Subject
from studyportal.protocol import Protocol
from studyportal.protocol import document as protocol_package
from studyportal.protocol.versions import sources_of
from studyportal.registry.folding import BlockState
from studyportal.sealing.symmetric import derived

SIZE = 16


def marks(
    people: Mapping[UUID, Subject], blocks: Mapping[UUID, Sequence[BlockState]], protocol: Protocol, *, secret: bytes
) -> Mapping[int, bytes]:
    """The mark of each subject, by index; `secret` is custody's for pseudonyms."""
    key = derived(secret, label=b"marks of subjects")
    common = msgspec.json.encode((sources_of(protocol), code_digest()))
    base = hashlib.sha256(common).hexdigest()
    return {
        subject.index: hmac.digest(key, _text(base, enrolment, subject, blocks.get(enrolment, ())), "sha256")[:SIZE]
        for enrolment, subject in people.items()
    }


def _text(base: str, enrolment: UUID, subject: Subject, blocks: Sequence[BlockState]) -> bytes:
    until: datetime | None = subject.until
    return msgspec.json.encode((
        base, enrolment, subject.index, subject.record_key_1, subject.record_key_2, subject.scopes, subject.started_on,
        until, blocks,
    ))  # fmt: skip


def of_part(people: Mapping[int, bytes]) -> str:
    """One digest (hex) of the marks of a part's people."""
    return hashlib.sha256(
        b"".join(index.to_bytes(8, "big") + mark for index, mark in sorted(people.items()))
    ).hexdigest()


@cache
def code_digest() -> str:
    """A digest of the code that makes rows: another version of it must not take over what this one made."""
    homes = (Path(deidentification.__file__).parent, Path(protocol_package.__file__).parent)
    digest = hashlib.sha256()
    for home in homes:
        for file in sorted(home.rglob("*.py")):
            digest.update(f"{file.relative_to(home)}\n".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
