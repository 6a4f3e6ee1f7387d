"""Keep how somebody wants to be reminded. Whereto is sealed to their contact key at once: this room cannot read it
back."""

import hashlib
from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa

from studyportal.audit import Actor, AuditEvent, record
from studyportal.database import reading, writing
from studyportal.errors import Conflict, Gone, Invalid, NotFound, Unavailable
from studyportal.protocol import Protocol
from studyportal.registry.enrolments import public_key
from studyportal.registry.reminder_seals import Whereto, sealed_contact
from studyportal.registry.reminders import (
    contacts_of,
    end_contact,
    end_feed,
    put_contact,
    replace_feed,
    set_wishes,
    wishes_of,
    working_ways,
)
from studyportal.registry.withdrawals import has_left
from studyportal.saying import said
from studyportal.sealing import PublicKey
from studyportal.sealing.push import read_subscriber
from studyportal.sealing.sessions import new_token, token_hash
from studyportal.web.answering.reminding import Wishes
from studyportal.web.mail_addresses import read_address
from studyportal.web.push_addresses import read_push_address

# Nobody has more browsers than this; a stuck script does.
MOST_BROWSERS = 6
LEFT = said("You have left the study, so nothing reminds you any more.")
NOT_BY_MAIL = said("This study cannot send mail at the moment. Choose another kind of reminder.")
NOT_BY_PUSH = said("This study cannot remind browsers at the moment. Choose another kind of reminder.")


def choose_wishes(enrolment: UUID, wishes: Wishes, *, required: Collection[str], now: datetime) -> None:
    """Keep when and of what somebody wants to be reminded; like all of this, raises `Gone` for who has left.

    `required` are the scopes without which nobody takes part.
    """
    with writing("registry", enrolment=enrolment) as connection:
        set_wishes(connection, enrolment, wishes, now=now)
        _check_stays(connection, enrolment, required)
        _tell(connection, enrolment, "wishes", now)


def keep_address(enrolment: UUID, typed: str, *, protocol: Protocol, now: datetime) -> None:
    """Remind somebody by mail from now on, at this address instead of another.

    Raises `Invalid` at the field "address", `Unavailable` while the study has no mail server.
    """
    try:
        whereto = Whereto(read_address(typed.strip()))
    except Invalid as refusal:
        raise Invalid(refusal.sentence, {"address": refusal.sentence}) from None
    with reading("registry", enrolment=enrolment) as connection:
        if "mail" not in working_ways(connection):
            raise Unavailable(NOT_BY_MAIL)
        key = _contact_key(connection, enrolment)
    row = sealed_contact(uuid4(), enrolment, "mail", whereto, mark=b"", to=key, study=protocol.study.code, now=now)
    with writing("registry", enrolment=enrolment) as connection:
        _begin(connection, enrolment, now)
        put_contact(connection, row)
        _check_stays(connection, enrolment, protocol.consent.required)
        _tell(connection, enrolment, "mail", now)


def keep_browser(enrolment: UUID, whereto: Whereto, *, whose: str, protocol: Protocol, now: datetime) -> None:
    """Remind somebody in a browser from now on. `whose` is what this room calls them towards their browsers.

    Raises `Invalid` for an address or key that is none, `Conflict` for one browser too many, `Unavailable` without
    push.
    """
    read_subscriber(whereto.public, whereto.auth)
    with reading("registry", enrolment=enrolment) as connection:
        push = working_ways(connection).get("push")
        key = _contact_key(connection, enrolment)
    if push is None:
        raise Unavailable(NOT_BY_PUSH)
    read_push_address(whereto.address, services=push.services.split())
    mark = mark_of(whereto.address, whose=whose)
    row = sealed_contact(uuid4(), enrolment, "push", whereto, mark=mark, to=key, study=protocol.study.code, now=now)
    with writing("registry", enrolment=enrolment) as connection:
        others = [one for one in contacts_of(connection, enrolment) if one.way == "push" and one.mark != mark]
        if len(others) >= MOST_BROWSERS:
            raise Conflict(
                said("You are reminded in %(most)d browsers already. End one of them first.", most=MOST_BROWSERS)
            )
        _begin(connection, enrolment, now)
        put_contact(connection, row)
        _check_stays(connection, enrolment, protocol.consent.required)
        _tell(connection, enrolment, "push", now)


def mark_of(address: str, *, whose: str) -> bytes:
    """By which a browser knows itself on the page: its script makes the same of its own push address."""
    return hashlib.sha256(f"{whose}|{address}".encode()).digest()


def end_place(enrolment: UUID, contact: UUID, *, now: datetime) -> str:
    """Forget one place; its way. Raises `NotFound` for anybody else's."""
    with writing("registry", enrolment=enrolment) as connection:
        way = end_contact(connection, enrolment, contact)
        if way is None:
            raise NotFound("There is no such reminder.")
        _tell(connection, enrolment, f"end {way}", now)
    return way


def make_feed(enrolment: UUID, *, required: Collection[str], now: datetime) -> str:
    """A calendar address for somebody, instead of the one before; what stands in it is shown this once."""
    token = new_token()
    with writing("registry", enrolment=enrolment) as connection:
        _begin(connection, enrolment, now)
        replace_feed(connection, enrolment, token_hash(token), now=now)
        _check_stays(connection, enrolment, required)
        _tell(connection, enrolment, "calendar", now)
    return token


def stop_feed(enrolment: UUID, *, now: datetime) -> None:
    """Let somebody's calendar address lead nowhere."""
    with writing("registry", enrolment=enrolment) as connection:
        if end_feed(connection, enrolment):
            _tell(connection, enrolment, "end calendar", now)


def _contact_key(connection: sa.Connection, enrolment: UUID) -> PublicKey:
    key = public_key(connection, enrolment, "contact")
    if key is None:
        raise NotFound("There is nobody to remind.")
    return key


def _check_stays(connection: sa.Connection, enrolment: UUID, required: Collection[str]) -> None:
    """They may have left since this request began: then nothing of this is written."""
    if has_left(connection, enrolment, required):
        raise Gone(LEFT)


def _begin(connection: sa.Connection, enrolment: UUID, now: datetime) -> None:
    """Whoever never said when is reminded as most would wish."""
    if wishes_of(connection, enrolment) is None:
        set_wishes(connection, enrolment, Wishes(), now=now)


def _tell(connection: sa.Connection, enrolment: UUID, what: str, now: datetime) -> None:
    actor = Actor("intake", "participant", str(enrolment))
    event = AuditEvent(actor, "reminder:change", "enrolment", str(enrolment), {"what": what})
    record(connection, "registry", event, now=now)
