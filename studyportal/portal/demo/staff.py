"""Give every room its staff, and the custodian something to decide: requests for access, one of them approved."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from secrets import SystemRandom
from typing import NamedTuple
from uuid import UUID, uuid4

from studyportal.audit import Actor, AuditEvent, record
from studyportal.custody.approvals.actions import approve
from studyportal.custody.opening.key_file import Keys
from studyportal.database import writing
from studyportal.portal.demo.places import SITES
from studyportal.portal.demo.sign_ins import SignIn
from studyportal.protocol import Protocol
from studyportal.registry.sites import add_site
from studyportal.research.access.actions import ask_for_access
from studyportal.sealing.passphrase import generate_passphrase
from studyportal.web.sign_in.actions import add_account
from studyportal.web.sign_in.factors import add_app
from studyportal.web.sign_in.recovery import new_codes, replace_codes
from studyportal.web.sign_in.totp import new_secret

ACTOR = Actor("custody", "command", "demo")


class Post(NamedTuple):
    """One member of staff: in which room and database, as what, at which site."""

    room: str
    bind: str
    name: str
    role: str
    site: str | None


POSTS = (
    Post("clinic", "registry", "Nora Coordinator", "coordinator", "NS"),
    Post("clinic", "registry", "Lena Koordination", "coordinator", "LH"),
    Post("clinic", "registry", "Rita Coordinator", "coordinator", "RV"),
    Post("clinic", "registry", "Clive Clinician", "clinician", "NS"),
    Post("custody", "keyring", "Carla Custodian", "custodian", None),
    Post("custody", "keyring", "Aldo Auditor", "auditor", None),
    Post("research", "workbench", "Rosa Researcher", "researcher", None),
    Post("research", "workbench", "Walter Waiting", "researcher", None),
    Post("research", "workbench", "Wanda Waiting", "researcher", None),
)

APPROVED = "Rosa Researcher"


class Request(NamedTuple):
    """One request for access, asked `days` days ago."""

    name: str
    title: str
    purpose: str
    ethics: str
    days: int


REQUESTS = (
    Request(
        APPROVED,
        "Pain, sleep and expectancy over 26 weeks",
        "Describe the course of daily pain and sleep in people who report small amounts of psychedelics and in those who "
        "do not, and how far expectancy explains differences between days.",
        "EC 2026/114",
        40,
    ),
    Request(
        "Walter Waiting",
        "Missing days in pain diaries",
        "Model which days are missing from evening diaries and what that does to weekly means.",
        "EC 2026/131",
        6,
    ),
    Request(
        "Wanda Waiting",
        "Flare-ups by diagnosis",
        "Compare how often flare-ups are reported across diagnoses, by week of the study.",
        "EC 2026/140",
        2,
    ),
    Request(
        "Wanda Waiting",
        "Rescue medicine and sleep",
        "Relate the use of rescue medicine to sleep in the night after, within persons.",
        "EC 2026/141",
        1,
    ),
)


def keep_sites(*, now: datetime) -> None:
    """Make the demonstration's sites."""
    with writing("registry") as connection:
        for site in SITES:
            add_site(connection, site.id, name=site.name, now=now)
            record(connection, "registry", AuditEvent(ACTOR, "site:create", "site", site.id), now=now)


def employ(
    protocol: Protocol, *, room_keys: Mapping[str, str], now: datetime
) -> tuple[Sequence[SignIn], dict[str, UUID]]:
    """Make every account with a fresh passphrase and authenticator app; the sign-ins, and the accounts by name.

    `room_keys` are the secret keys of the rooms, under which the apps' keys are sealed.
    """
    sign_ins, accounts = [], {}
    own_words = [protocol.study.code, *protocol.study.title.split()]
    for post in POSTS:
        passphrase, secret, room_key = generate_passphrase(), new_secret(), room_keys[post.room]
        with writing(post.bind) as connection:
            account = accounts[post.name] = add_account(
                connection,
                post.bind,
                name=post.name,
                role=post.role,
                site=post.site,
                passphrase=passphrase,
                own_words=own_words,
                actor=ACTOR,
                now=now,
            )
            add_app(connection, post.bind, account, secret=secret, room_key=room_key, now=now)
            replace_codes(connection, post.bind, account, new_codes(), room_key=room_key, now=now)
        where = f", {next(site.name for site in SITES if site.id == post.site)}" if post.site else ""
        sign_ins.append(SignIn(post.room, f"{post.role.capitalize()}{where}", post.name, passphrase, secret))
    return sign_ins, accounts


def ask_and_approve(accounts: dict[str, UUID], *, keys: Keys, protocol: Protocol, shelf: Path, now: datetime) -> None:
    """Put the requests before custody and approve the first; the others wait."""
    for request in REQUESTS:
        application, asked_at = uuid4(), now - timedelta(days=request.days)
        with writing("workbench") as connection:
            ask_for_access(
                connection,
                application,
                account=accounts[request.name],
                title=request.title,
                purpose=request.purpose,
                ethics_reference=request.ethics,
                wanted_until=(now + timedelta(days=400)).date(),
                actor=Actor("research", "researcher", str(accounts[request.name])),
                now=asked_at,
            )
        if request.name == APPROVED:
            approve(
                application,
                expires_at=now + timedelta(days=365),
                keys=keys,
                protocol=protocol,
                shelf=shelf,
                rng=SystemRandom(),
                actor=Actor("custody", "custodian", str(accounts["Carla Custodian"])),
                now=asked_at + timedelta(days=3),
            )
