"""Give the custodian something to decide: requests for access in every state, and approvals that run, wait for a
signature and are suspended.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from secrets import SystemRandom
from typing import NamedTuple
from uuid import UUID, uuid4

from studyportal.audit import Actor
from studyportal.custody.approvals.actions import approve, refuse
from studyportal.custody.approvals.changing import change
from studyportal.custody.approvals.terms import Terms
from studyportal.custody.days import end_of
from studyportal.custody.opening.key_file import Keys
from studyportal.database import reading, writing
from studyportal.protocol import Protocol
from studyportal.protocol.offering import offered_questions
from studyportal.research.access.actions import ask_for_access, shown_digest, sign, withdraw_request
from studyportal.workbench.applications import Wanted
from studyportal.workbench.grants import find_grant, opened

CUSTODIAN = "Carla Custodian"


class Request(NamedTuple):
    """One request, asked `days` days ago by `name`, for every question of these instruments, and what became of it.

    `fate` is "waits", "refused", "withdrawn", "approved" (and signed), "unsigned" or "suspended".
    """

    name: str
    title: str
    purpose: str
    plan: str
    ethics: str
    instruments: tuple[str, ...]
    level: str
    days: int
    fate: str


REQUESTS = (
    Request(
        "Rosa Researcher",
        "Pain, sleep and expectancy over 26 weeks",
        "Describe the course of daily pain and sleep in people who report small amounts of psychedelics and in those who "
        "do not, and how far expectancy explains differences between days.",
        "Weekly means of pain and hours slept by group, with intervals; multilevel models of pain on the day after a "
        "dose, with expectancy and time in the study. Published open access with the code.",
        "EC 2026/114",
        (),
        "records",
        40,
        "approved",
    ),
    Request(
        "Rosa Researcher",
        "Confirmed against reported diagnoses",
        "Compare what participants report as their diagnosis with what the clinic confirmed.",
        "One table of agreement with kappa, by site of pain. No single answer is needed.",
        "EC 2026/119",
        ("baseline", "diagnosis_confirmed"),
        "aggregates",
        12,
        "unsigned",
    ),
    Request(
        "Rosa Researcher",
        "Pain over the day of a dose",
        "Describe pain in the hours after a dose, by amount and substance.",
        "Mean pain after a dose by band of amount, with the number of people behind each.",
        "EC 2026/98",
        ("dose", "follow_up"),
        "aggregates",
        60,
        "suspended",
    ),
    Request(
        "Walter Waiting",
        "Missing days in pain diaries",
        "Model which days are missing from evening diaries and what that does to weekly means.",
        "Weeks with an entry by age and diagnosis; sensitivity of the weekly mean to what is missing.",
        "EC 2026/131",
        ("baseline", "evening"),
        "aggregates",
        6,
        "waits",
    ),
    Request(
        "Wanda Waiting",
        "Flare-ups by diagnosis",
        "Compare how often flare-ups are reported across diagnoses, by week of the study.",
        "Share of people with a flare-up in each week, by diagnosis, for the first 26 weeks.",
        "EC 2026/140",
        ("baseline", "evening"),
        "records",
        2,
        "waits",
    ),
    Request(
        "Wanda Waiting",
        "Rescue medicine and sleep",
        "Relate the use of rescue medicine to sleep in the night after, within persons.",
        "Within-person models of sleep on rescue medicine the evening before.",
        "EC 2026/141",
        ("evening",),
        "aggregates",
        1,
        "waits",
    ),
    Request(
        "Wanda Waiting",
        "Everything, to see what is there",
        "Look at all answers and find out what might be interesting in them.",
        "To be decided when the data have been seen, together with colleagues.",
        "EC 2026/125",
        (),
        "records",
        20,
        "refused",
    ),
    Request(
        "Walter Waiting",
        "Mood and missing entries",
        "Relate low mood to days without an entry, within persons.",
        "Superseded by the wider request on missing days.",
        "EC 2026/130",
        ("evening",),
        "aggregates",
        9,
        "withdrawn",
    ),
)


def ask_and_decide(accounts: dict[str, UUID], *, keys: Keys, protocol: Protocol, shelf: Path, now: datetime) -> None:
    """Put the requests before custody; let each meet its fate."""
    custodian = accounts[CUSTODIAN]
    for request in REQUESTS:
        application, asked_at = uuid4(), now - timedelta(days=request.days)
        decided_at = asked_at + timedelta(days=min(3, request.days / 2))
        account = accounts[request.name]
        actor = Actor("research", "researcher", str(account))
        wanted, known = _wanted(request, offered_questions(protocol), now=now), offered_questions(protocol)
        with writing("workbench") as connection:
            ask_for_access(connection, application, wanted, known=known, account=account, actor=actor, now=asked_at)
        if request.fate == "withdrawn":
            with writing("workbench") as connection:
                withdraw_request(connection, application, account=account, actor=actor, now=decided_at)
        elif request.fate == "refused":
            reason = "Say what you will compare, and ask for the questions that this needs."
            refuse(application, reason=reason, revision=1, custodian=custodian, now=decided_at)
        elif request.fate != "waits":
            until = end_of((now + timedelta(days=365)).date())
            terms = Terms(items=wanted.items, level=wanted.level, expires_at=until)
            done = approve(
                application,
                terms,
                revision=1,
                custodian=custodian,
                keys=keys,
                protocol=protocol,
                shelf=shelf,
                rng=SystemRandom(),
                now=decided_at,
            )
            if request.fate != "unsigned":
                _sign(done.grant, request.name, actor, now=decided_at + timedelta(hours=5))
            if request.fate == "suspended":
                reason = "The ethics approval is being looked at again. Wait for word from the committee."
                change(done.grant, "suspend", reason=reason, expires_at=None, custodian=custodian, keys=keys, now=now)


def _wanted(request: Request, known: Collection[str], *, now: datetime) -> Wanted:
    chosen = request.instruments
    return Wanted(
        title=request.title,
        purpose=request.purpose,
        plan=request.plan,
        ethics_reference=request.ethics,
        items=tuple(name for name in known if not chosen or name.split(".", 1)[0] in chosen),
        level=request.level,
        wanted_until=(now + timedelta(days=400)).date(),
    )


def _sign(grant: UUID, name: str, actor: Actor, *, now: datetime) -> None:
    with reading("workbench") as connection:
        document = opened(find_grant(connection, grant))
    with writing("workbench") as connection:
        sign(connection, document, signed_name=name, own_name=name, digest=shown_digest(document), actor=actor, now=now)
