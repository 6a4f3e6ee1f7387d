"""Build the parts of a snapshot: what is done stays, what has not changed is taken over, the rest is made by
workers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from studyportal.custody.deidentification.tables import Subject
from studyportal.custody.opening.entries import diary_seeds
from studyportal.custody.opening.key_file import Keys
from studyportal.custody.publishing.following import followed, weeks_over_table
from studyportal.custody.publishing.making import PartTask, SealedBlock, ToOpen, make_part
from studyportal.custody.publishing.marks import marks, of_part
from studyportal.custody.publishing.planning import Former, PlannedPart, planned
from studyportal.custody.spreading.workers import Workers, in_order
from studyportal.database import reading
from studyportal.errors import CannotOpen
from studyportal.protocol import Protocol
from studyportal.registry.folding import all_blocks, block_states
from studyportal.registry.pauses import all_pauses
from studyportal.registry.sharing import Sharing
from studyportal.sealing.opening import block_key
from studyportal.snapshots import sealed_parquet
from studyportal.snapshots.drafts import Draft
from studyportal.snapshots.reading import Snapshot
from studyportal.snapshots.sealed_parquet import SealedTable
from studyportal.snapshots.shelf import MADE_FROM, WEEKS_OVER

# A process needs a second or two before its first part; parts take 50 to 100 ms each (benchmarks/snapshots.py).
WORTHWHILE = 40


@dataclass(frozen=True, slots=True)
class Built:
    """How many parts were found done, taken over and made, and of how many people blocks were opened."""

    done: int
    taken_over: int
    made: int
    opened: int


def former_of(snapshot: Snapshot | None) -> Former:
    """What the last snapshot was made from; one of the first format, or none, gives nothing to take over."""
    if snapshot is None:
        return Former({})
    parts = {}
    for part in snapshot.manifest.tables.get(MADE_FROM, {}):
        table = snapshot.part(MADE_FROM, part)
        parts[part] = dict(zip(table["index"].to_pylist(), table["mark"].to_pylist(), strict=True))
    return Former(parts)


def build(
    draft: Draft,
    people: Mapping[UUID, Subject],
    *,
    sharing: Mapping[UUID, Sharing],
    last: Snapshot | None,
    keys: Keys,
    protocol: Protocol,
    workers: Workers,
    now: datetime,
) -> Built:
    """Put all parts of these people into the draft; `sharing` holds each of them. Raises `CannotOpen` when a block,
    file or key does not open."""
    with reading("registry") as connection:
        states, pauses = block_states(connection), all_pauses(connection)
    marked = marks(people, states, protocol, secret=keys.pseudonym)
    parts = planned(people, marked, former_of(last))
    missing = [one for one in parts if not draft.is_done(one.number, made_from=one.made_from)]
    same = [one for one in missing if last is not None and one.is_same]
    for one in same:
        draft.take_over(last, one.number, made_from=one.made_from, people=len(one.people))
    changed = [one for one in missing if one not in same]
    with workers.hired(len(changed), worthwhile=WORTHWHILE) as executor:
        tasks = (_task(one, last, keys, protocol.study.code) for one in changed)
        for task, made in in_order(executor, make_part, tasks, protocol=protocol, ahead=workers.ahead):
            draft.put(task.number, made.tables, made_from=of_part(task.marks), people=made.people, rows=made.rows)
    for one in parts:
        followed_so_long = {
            subject.index: followed(sharing[enrolment], pauses.get(enrolment, ()), now=now)
            for enrolment, subject in one.people.items()
        }
        draft.put_weeks_over(one.number, sealed_parquet.sealed(weeks_over_table(followed_so_long)))
    opened = sum(len(one.to_open) for one in changed)
    return Built(len(parts) - len(missing), len(same), len(changed), opened)


def _task(part: PlannedPart, last: Snapshot | None, keys: Keys, study: str) -> PartTask:
    blocks = _blocks(part.to_open)
    with reading("keyring") as connection:
        seeds = diary_seeds(connection, keys, study=study, enrolments=blocks)
    if blocks.keys() - seeds.keys():
        raise CannotOpen("The keyring has no key for an enrolment that has entries.")
    keys_of = {enrolment: block_key(seed) for enrolment, seed in seeds.items()}
    people = tuple(
        ToOpen(subject, keys_of.get(enrolment), tuple(blocks.get(enrolment, ())))
        for enrolment, subject in part.to_open.items()
    )
    former: dict[str, tuple[SealedTable, ...]] = {}
    if last is not None and part.kept:
        names = [name for name in last.manifest.tables if name not in (MADE_FROM, WEEKS_OVER)]
        former = {name: tuple(last.sealed_part(name, source) for source in part.sources) for name in names}
    return PartTask(study, part.number, part.marks, people, part.kept, former)


def _blocks(people: Mapping[UUID, Subject]) -> Mapping[UUID, Sequence[SealedBlock]]:
    found: dict[UUID, list[SealedBlock]] = {}
    with reading("registry") as connection:
        for row in all_blocks(connection, sorted(people)):
            block = SealedBlock(row.enrolment, row.number, row.revision, row.sealed)
            found.setdefault(row.enrolment, []).append(block)
    return found
