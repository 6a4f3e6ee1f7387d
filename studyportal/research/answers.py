"""Answer sets of people so that all processes of the room agree: what was answered lies sealed in the workbench.

A set that this process knows is answered from memory. For any other the process takes its turn: it reads what others
added, answers, and adds in one transaction, so that of two requests for nearly the same set one is first and the other
sees it.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

import msgspec
import numpy as np
import sqlalchemy as sa

from studyportal.database import writing
from studyportal.research.disclosure import Answered, Answering, Chance, People, Protection, Roll
from studyportal.research.disclosure.answered import AnsweredSets, Row
from studyportal.sealing.context import Context
from studyportal.sealing.room_secrets import open_for_room, seal_for_room
from studyportal.workbench.answered import add_answers, answers_since, lock_answers, replace_answers

BIND = "workbench"


@dataclass
class StoredAnswers:
    """What a study answered so far. `room_key` seals it, and is that of the snapshots: who holds those, holds this."""

    study: str
    room_key: str = field(repr=False)
    noise_secret: bytes = field(repr=False)
    _sets: AnsweredSets = field(default_factory=AnsweredSets, repr=False)
    # The end of each kept row's sets among all, by its sequence; and the newest revision that was read.
    _ends: list[int] = field(default_factory=lambda: [1], repr=False)
    _revision: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False)

    def under(self, protection: Protection) -> "AnswersUnder":
        """The answers as one version of the study protects them."""
        return AnswersUnder(self, protection, Chance(self.noise_secret, deviation=protection.noise))

    def forget(self, places: Collection[int]) -> None:
        """Take those who withdrew out of every set. What was published of the sets stays."""
        if not places:
            return
        mask = np.zeros(max(places) + 1, np.bool_)
        mask[[*places]] = True
        with self._lock, self._turn() as connection:
            rows = self._sets.clear(People(np.packbits(mask)).words)
            ends = np.array(self._ends)
            for sequence in sorted({int(np.searchsorted(ends, row, side="right")) for row in rows}):
                self._revision += 1
                replace_answers(connection, sequence, self._sealed(sequence), revision=self._revision)

    def of(self, chance: Chance, protection: Protection, roll: Roll, asked: Sequence[People]) -> list[Answered]:
        """How each of these sets is answered: from memory, and in this process's turn if any is not there."""
        with self._lock:
            rows = Answering(chance, protection, self._sets).known(roll, asked)
            if None in rows:
                with self._turn() as connection:
                    rows = [*Answering(chance, protection, self._sets).answer(roll, asked)]
                    self._add(connection)
            found = Answering(chance, protection, self._sets)
            return [found.answered(row) for row in rows if row is not None]

    @contextmanager
    def _turn(self) -> Iterator[sa.Connection]:
        """A transaction in which nobody else adds, with everything read that was added before."""
        try:
            with writing(BIND) as connection:
                lock_answers(connection)
                self._read(connection)
                yield connection
        except BaseException:
            # What is in memory may not be what is kept.
            self._sets, self._ends, self._revision = AnsweredSets(), [1], 0
            raise

    def _read(self, connection: sa.Connection) -> None:
        newer = answers_since(connection, self._revision)
        if any(row.sequence < len(self._ends) for row in newer):
            self._sets, self._ends, self._revision = AnsweredSets(), [1], 0
            newer = answers_since(connection, 0)
        for row in newer:
            opened = open_for_room(row.sealed, room_key=self.room_key, about=self._about(row.sequence))
            for name, words, shown, own, gone in msgspec.msgpack.decode(opened):
                self._sets.add(Row(name, np.frombuffer(words, np.uint64), shown, own, gone))
            self._ends.append(len(self._sets))
            self._revision = max(self._revision, row.revision)

    def _add(self, connection: sa.Connection) -> None:
        if len(self._sets) == self._ends[-1]:
            return
        sequence = len(self._ends)
        self._ends.append(len(self._sets))
        self._revision += 1
        add_answers(connection, sequence, self._sealed(sequence), revision=self._revision)

    def _sealed(self, sequence: int) -> bytes:
        rows = (self._sets.row(number) for number in range(self._ends[sequence - 1], self._ends[sequence]))
        body = msgspec.msgpack.encode([[row.name, row.words.tobytes(), row.shown, row.own, row.gone] for row in rows])
        return seal_for_room(body, room_key=self.room_key, about=self._about(sequence))

    def _about(self, sequence: int) -> Context:
        return Context(self.study, BIND, "answered sets", str(sequence))


@dataclass(frozen=True)
class AnswersUnder:
    """`Answers` of one snapshot: the study's sets, as its version of the protocol protects them."""

    _stored: StoredAnswers
    protection: Protection
    chance: Chance

    def of(self, roll: Roll, asked: Sequence[People]) -> Sequence[Answered]:
        return self._stored.of(self.chance, self.protection, roll, asked)
