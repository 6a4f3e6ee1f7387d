"""Give every room its staff."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import writing
from studyportal.portal.demo.places import SITES
from studyportal.portal.demo.sign_ins import SignIn
from studyportal.protocol import Protocol
from studyportal.registry.sites import add_site
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
    Post("clinic", "registry", "Cora Clinician", "clinician", "NS"),
    Post("custody", "keyring", "Carla Custodian", "custodian", None),
    Post("custody", "keyring", "Curt Custodian", "custodian", None),
    Post("custody", "keyring", "Aldo Auditor", "auditor", None),
    Post("custody", "keyring", "Amal Administrator", "administrator", None),
    Post("research", "workbench", "Rosa Researcher", "researcher", None),
    Post("research", "workbench", "Walter Waiting", "researcher", None),
    Post("research", "workbench", "Wanda Waiting", "researcher", None),
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
