"""Reach the snapshots on custody's shelf: signature and withdrawals are checked at every request, columns stay
loaded."""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np

from studyportal.errors import CannotOpen, NotFound, Unavailable
from studyportal.research.disclosure import Protection
from studyportal.research.disclosure.engine import Answers
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.research.snapshot.public import publish
from studyportal.snapshots import shelf
from studyportal.snapshots.reading import Snapshot, open_snapshot, subject_codes


class StudyAnswers(Protocol):
    """What the study answered so far (`research.answers.StoredAnswers`)."""

    def under(self, protection: Protection) -> Answers: ...

    def forget(self, places: Collection[int]) -> None: ...


def _to_act_on(refusal: CannotOpen) -> CannotOpen:
    """The same refusal, with what a researcher can do."""
    said = "This snapshot cannot be opened." if refusal.sentence == CannotOpen().sentence else refusal.sentence
    return CannotOpen(
        f"{said} Ask the data custodian to publish a new snapshot; your cohorts, reports and releases stay."
    )


# The newest snapshot and the ones on which two saved cohorts may still be pinned.
KEPT = 3


@dataclass
class Shelf:
    """Where snapshots lie and what opens them. Raises `NotFound` where nothing is, `CannotOpen` where trust ends."""

    folder: Path
    study: str
    snapshot_key: bytes = field(repr=False)
    custody_public: bytes
    answers: StudyAnswers
    _opened: OrderedDict[tuple[str, frozenset[int]], OpenedSnapshot] = field(default_factory=OrderedDict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def published(self, number: int | None) -> Snapshot:
        """The signed snapshot of this number, or with None the newest, as it lies on the shelf now."""
        if number is None and not shelf.published(self.folder):
            raise NotFound("No snapshot has been published yet. The data custodian publishes them; come back later.")
        try:
            return open_snapshot(
                self.folder,
                study=self.study,
                number=number,
                snapshot_key=self.snapshot_key,
                custody_public=self.custody_public,
            )
        except CannotOpen as refusal:
            raise _to_act_on(refusal) from refusal

    def opened(self, number: int | None) -> OpenedSnapshot:
        """The same, loaded; loaded again only when another snapshot or list of withdrawals lies there."""
        published = self.published(number)
        name = published.manifest_sha256, published.withdrawn
        with self._lock:
            if name not in self._opened:
                self.answers.forget(published.withdrawn)
                try:
                    self._opened[name] = OpenedSnapshot(published, self.answers.under)
                except CannotOpen as refusal:
                    raise _to_act_on(refusal) from refusal
                publish(self._opened[name])
            self._opened.move_to_end(name)
            while len(self._opened) > KEPT:
                self._opened.popitem(last=False)
            return self._opened[name]

    def codes(self, number: int, project: str) -> dict[int, str]:
        """A project's subject codes by disclosure index, as custody wrote them; raises `Unavailable` without any."""
        try:
            table = subject_codes(self.published(number), project)
        except CannotOpen:
            raise Unavailable(
                "The subject codes of this project are not there yet. Ask the data custodian for them."
            ) from None
        index = table.column("index").to_numpy().astype(np.int64).tolist()
        return dict(zip(index, table.column("code").to_pylist(), strict=True))

    @property
    def newest(self) -> int:
        """The number of the newest snapshot; 0 if there is none."""
        return max(shelf.published(self.folder), default=0)
