"""A review of the ledger from both sides, on both databases: what custody signed is opened once."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Barrier, Thread
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from studyportal.audit import Actor
from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.custody.reviews.actions import allow_review, refuse_review
from studyportal.database import reading, writing
from studyportal.errors import CannotOpen, Conflict, Gone, Invalid, NotAllowed, NotFound, Refusal, TooMany
from studyportal.research.cohorts.opening import Ledger, kept_block
from studyportal.research.disclosure.ledger import Block, LedgerSpent, StudySpent
from studyportal.research.reviews.actions import ask_review, open_allowed, take_back_review
from studyportal.research.snapshot.opened import OpenedSnapshot
from studyportal.workbench.ledger import add_blocks, blocks_of
from studyportal.workbench.reviews import (
    ALLOWED_FOR,
    MOST_WAITING,
    allowance,
    blocks_in,
    decide_review,
    encode,
    find_review,
    in_order,
    question_of,
    state_of,
    told_in,
)
from studyportal.workbench.tables import LEDGER_REVIEWS
from tests.custody.cast import NOW
from tests.research.study import alone, hand_made

WOMEN = (("baseline.sex", ("f",)),)
REASON = "The course of pain is the outcome that we registered."
MOMENT = timedelta(microseconds=1)
RESEARCH = Actor("research", "researcher", "Rosa")
PAIN = Block(3, WOMEN, "course", "evening.pain")
AGE = Block(3, WOMEN, "item", "baseline.age")


@pytest.fixture(scope="module")
def snapshot():
    return OpenedSnapshot(hand_made(60), alone)


@dataclass
class Desk:
    """A researcher with a project whose ledger is full, and two custodians."""

    house: object
    snapshot: OpenedSnapshot
    rosa: UUID
    kim: UUID
    project: str

    @property
    def ledger(self):
        return Ledger(self.snapshot, self.project)

    def opens(self, blocks, project=None):
        with writing("workbench") as connection:
            add_blocks(connection, map(kept_block, blocks), project=project or self.project, account=self.rosa, now=NOW)

    def asks(self, *blocks, now=NOW, reason=REASON):
        review = uuid4()
        ask_review(
            review, blocks, ledger=self.ledger, address="{}", reason=reason, account=self.rosa,
            still=lambda connection: None, actor=RESEARCH, now=now,
        )  # fmt: skip
        return review

    def allows(self, review, custodian=None, now=NOW):
        return allow_review(
            review, answer="Registered.", custodian=custodian or self.kim, study=self.house.study, keys=self.house.keys,
            now=now,
        )  # fmt: skip

    def opens_allowed(self, review, *, project=None, snapshot=None, now=NOW):
        ledger = Ledger(snapshot or self.snapshot, project or self.project)
        open_allowed(
            review, ledger=ledger, account=self.rosa, study=self.house.study, custody_public=self.house.keys.public,
            still=lambda connection: None, actor=RESEARCH, now=now,
        )  # fmt: skip

    def row(self, review):
        with reading("workbench") as connection:
            return find_review(connection, review)

    def state(self, review, now=NOW):
        return state_of(self.row(review), now=now)

    def opened(self):
        with reading("workbench") as connection:
            return {*blocks_of(connection, self.project)}

    def copied(self, review, **values):
        """Put a copy there with other values, as somebody with the owner's rights could."""
        with writing("workbench") as connection:
            row = connection.execute(sa.select(LEDGER_REVIEWS).where(LEDGER_REVIEWS.c.id == review)).mappings().one()
            copy = {**row, "id": uuid4(), **values}
            connection.execute(sa.insert(LEDGER_REVIEWS), copy)
        return copy["id"]


@pytest.fixture
def desk(house, snapshot):
    """50 of the ledger are used for women."""
    rosa, kim = house.staff("workbench", "Rosa Researcher", "researcher"), house.staff("keyring", "Kim", "custodian")
    project = house.approve(house.request(rosa), kim).project
    found = Desk(house, snapshot, rosa, kim, project)
    found.opens(Block(3, WOMEN, "item", f"baseline.question_{number}") for number in range(50))
    return found


def noted(action):
    with reading("workbench") as connection:
        events = AUDIT_EVENTS["workbench"]
        return [*connection.execute(sa.select(events.c.detail).where(events.c.action == action)).scalars()]


def test_what_was_asked_is_allowed_by_a_signature_and_opened_once_and_whole(desk):
    before = desk.opened()

    review = desk.asks(PAIN, AGE)
    waiting = desk.row(review)
    desk.allows(review)
    allowed = desk.state(review)
    desk.opens_allowed(review)

    assert (waiting.units, waiting.used_before, waiting.reach, waiting.reach_of_all) == (9, 50, 59, 59)
    assert [(one.cohort, dict(one.shows)) for one in told_in(waiting.told)] == [
        ("Sex: Female", {"Average pain over the last 24 hours, by week": 8, "Age": 1})
    ]
    assert sum(units for _, units in told_in(waiting.opened)[0].shows) == 50
    assert (allowed, desk.state(review)) == ("allowed", "used")
    assert desk.opened() - before == {kept_block(PAIN), kept_block(AGE)}
    assert desk.ledger.price([PAIN, AGE], now=NOW).is_within
    with pytest.raises(Gone):
        desk.opens_allowed(review)
    with pytest.raises(LedgerSpent):
        desk.ledger.open([replace(PAIN, about="evening.flare")], account=desk.rosa, actor=RESEARCH, now=NOW)


def test_both_sides_write_into_the_trail_and_say_nothing_of_people(desk):
    review = desk.asks(PAIN)
    desk.allows(review)
    desk.opens_allowed(review)
    refused = desk.asks(AGE)
    refuse_review(refused, answer="Not in your plan.", custodian=desk.kim, now=NOW)
    taken_back = desk.asks(AGE)
    take_back_review(taken_back, project=desk.project, still=lambda connection: None, actor=RESEARCH, now=NOW)

    until = f"{NOW + ALLOWED_FOR:%Y-%m-%d}"
    project = f'"project":"{desk.project}"'
    assert noted("review:allow") == [f'{{{project},"units":8,"until":"{until}"}}']
    assert noted("review:open") == noted("review:refuse") == noted("review:withdraw") == [f"{{{project}}}"]
    assert noted("review:ask") == [f'{{{project},"units":{units}}}' for units in (8, 1, 1)]
    assert (desk.state(refused), desk.row(refused).answer) == ("refused", "Not in your plan.")
    assert desk.state(taken_back) == "withdrawn"


def test_an_allowance_ends_after_a_month(desk):
    review = desk.asks(PAIN)
    desk.allows(review)

    with pytest.raises(Gone, match="a day that is past"):
        desk.opens_allowed(review, now=NOW + ALLOWED_FOR)
    assert desk.state(review, now=NOW + ALLOWED_FOR) == "expired"
    desk.opens_allowed(review, now=NOW + ALLOWED_FOR - MOMENT)

    assert kept_block(PAIN) in desk.opened()


def test_what_custody_did_not_sign_for_exactly_this_opens_nothing(desk):
    review = desk.asks(PAIN)
    desk.allows(review)
    row = desk.row(review)
    wider = in_order([*blocks_in(row), kept_block(AGE)])
    another_snapshot = in_order([kept_block(replace(PAIN, snapshot=4))])
    altered = [
        {"document": row.document.replace('"reach":58', '"reach":90')},
        {"document": row.document.replace('"snapshot":3', '"snapshot":4')},
        {"signature": bytes(64)},
        {"id": uuid4()},
        {"account": uuid4()},
        {"project": "P-OTHER"},
        {"blocks": encode(wider)},
        {"blocks": encode(wider), "question": question_of(wider)},
        {"blocks": encode(another_snapshot), "question": question_of(another_snapshot)},
    ]
    signed = {"study": desk.house.study, "custody_public": desk.house.keys.public, "now": NOW}

    assert allowance(row, **signed).reach == 58
    for values in altered:
        assert all(getattr(row, name) != value for name, value in values.items())
        with pytest.raises(CannotOpen):
            allowance(SimpleNamespace(**{**row._mapping, **values}), **signed)
    with pytest.raises(CannotOpen):
        allowance(row, **signed | {"study": "OTHER"})
    with pytest.raises(CannotOpen):
        allowance(row, **signed | {"custody_public": bytes(range(32))})
    with pytest.raises(CannotOpen):
        desk.opens_allowed(review, snapshot=OpenedSnapshot(replace(hand_made(60), number=4), alone))


def test_an_allowance_that_is_put_there_again_opens_nothing(desk):
    review = desk.asks(PAIN)
    desk.allows(review)
    desk.opens_allowed(review)
    before = desk.opened()

    again = desk.copied(review, used_at=None, used_by=None)

    with pytest.raises(CannotOpen):
        desk.opens_allowed(again)
    assert desk.opened() == before


def test_an_allowance_of_another_project_is_not_there_and_does_not_hold_when_it_is_put_there(desk):
    other = desk.house.approve(desk.house.request(desk.rosa), desk.kim).project
    review = desk.asks(PAIN)
    desk.allows(review)
    moved = desk.copied(review, project=other)

    with pytest.raises(NotFound):
        desk.opens_allowed(review, project=other)
    with pytest.raises(CannotOpen):
        desk.opens_allowed(moved, project=other)


def test_an_allowance_reaches_no_further_than_the_custodian_read(desk):
    first, second = desk.asks(PAIN), desk.asks(AGE)
    desk.allows(first)
    desk.allows(second)

    desk.opens_allowed(first)
    with pytest.raises(LedgerSpent, match="since the review was asked for"):
        desk.opens_allowed(second)

    assert (desk.state(second), len(noted("review:exceed"))) == ("allowed", 1)
    assert kept_block(AGE) not in desk.opened()


def test_nobody_can_allow_more_than_all_projects_may_open(desk):
    review = desk.asks(PAIN)
    desk.allows(review)
    other = desk.house.approve(desk.house.request(uuid4()), desk.kim).project
    desk.opens((Block(3, WOMEN, "item", f"baseline.other_{number}") for number in range(95)), project=other)

    with pytest.raises(StudySpent, match="No review"):
        desk.opens_allowed(review)
    with pytest.raises(StudySpent, match="No review"):
        desk.asks(PAIN, AGE)


def test_what_the_ledger_holds_needs_no_review_and_one_question_waits_once(desk):
    men = Block(3, (("baseline.sex", ("m",)),), "item", "baseline.age")

    with pytest.raises(Conflict, match="nobody has to allow it"):
        desk.asks(men)
    desk.asks(PAIN, AGE)
    with pytest.raises(Conflict, match="asked for already"):
        desk.asks(AGE, PAIN)
    with pytest.raises(Invalid):
        desk.asks(AGE, reason="\u202e \u0007")
    for number in range(1, MOST_WAITING):
        desk.asks(replace(AGE, about=f"baseline.more_{number}"))
    with pytest.raises(TooMany):
        desk.asks(AGE)


def at_the_same_moment(building, act, *arguments):
    """What became of it for each argument: the type of a refusal, or None."""
    told, begin = [], Barrier(len(arguments))

    def one(argument):
        with building.app_context():
            begin.wait()
            try:
                act(argument)
                told.append(None)
            except Refusal as refusal:
                told.append(type(refusal))

    threads = [Thread(target=one, args=[argument]) for argument in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(told)


def test_of_two_who_open_one_allowance_at_the_same_moment_one_does(desk, building):
    review = desk.asks(PAIN)
    desk.allows(review)

    told = at_the_same_moment(building, desk.opens_allowed, review, review)

    assert told == {None: 1, Gone: 1}
    assert len(noted("review:open")) == 1


def test_of_two_allowances_read_at_the_same_height_one_holds_also_at_the_same_moment(desk, building):
    reviews = [desk.asks(PAIN), desk.asks(replace(PAIN, about="evening.flare"))]
    for review in reviews:
        desk.allows(review)

    told = at_the_same_moment(building, desk.opens_allowed, *reviews)

    assert told == {None: 1, LedgerSpent: 1}
    assert desk.ledger.price([AGE], now=NOW).before == 58


def test_of_two_who_ask_the_same_at_the_same_moment_one_waits(desk, building):
    assert at_the_same_moment(building, desk.asks, PAIN, PAIN) == {None: 1, Conflict: 1}


def test_one_custodian_decides_never_on_themselves_and_says_why(desk):
    herself = desk.house.staff("keyring", "researcher, rosa", "custodian")
    review = desk.asks(PAIN)

    with pytest.raises(NotAllowed, match="your own request"):
        desk.allows(review, herself)
    with pytest.raises(NotAllowed):
        desk.allows(review, desk.house.staff("keyring", "Ada", "auditor"))
    with pytest.raises(Invalid):
        refuse_review(review, answer=" ", custodian=desk.kim, now=NOW)
    refuse_review(review, answer="No.", custodian=desk.kim, now=NOW)
    with pytest.raises(Conflict, match="Kim refused this before you"):
        desk.allows(review)
    with pytest.raises(Conflict, match="not allowed this"):
        desk.opens_allowed(review)

    assert desk.state(desk.asks(PAIN)) == "waiting"


def test_a_decision_on_what_was_taken_back_changes_nothing(desk):
    review = desk.asks(PAIN)
    take_back_review(review, project=desk.project, still=lambda connection: None, actor=RESEARCH, now=NOW)

    with pytest.raises(Conflict, match="took this back"):
        desk.allows(review)
    with writing("workbench") as connection, pytest.raises(Conflict):
        decide_review(
            connection, review, by=desk.kim, by_name="Kim", answer="No.", document=None, signature=None, now=NOW
        )
