"""Draw the page of one alert: the same for whoever looks, whoever had it opened, and whoever must put something
right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa
from flask import render_template

from studyportal import clock
from studyportal.clinic.alerts.actions import NOT_THERE, colleagues
from studyportal.clinic.alerts.course import OUTCOMES, UNKNOWN, history
from studyportal.clinic.alerts.forms import ActForm, CloseForm, HandOverForm, NoteForm
from studyportal.clinic.alerts.waiting import LOOKS, age
from studyportal.clinic.own_site import own_site
from studyportal.database import reading
from studyportal.errors import NotFound
from studyportal.protocol.contacts import contacts_for, country_names
from studyportal.protocol.document import Alert
from studyportal.protocol.monitoring import in_words, is_staffed, next_staffed
from studyportal.registry.alert_mails import mails_of, site_mail
from studyportal.registry.alerts import alert_events, alert_of_site, beside
from studyportal.registry.withdrawals import erasures_waiting
from studyportal.web.access import signed_in
from studyportal.web.here import here
from studyportal.web.sign_in.accounts import accounts


@dataclass
class Forms:
    """The forms of one alert's page; the one that was sent is filled in."""

    act: ActForm = field(default_factory=lambda: ActForm(formdata=None))
    hand: HandOverForm = field(default_factory=lambda: HandOverForm(formdata=None))
    close: CloseForm = field(default_factory=lambda: CloseForm(formdata=None))
    note: NoteForm = field(default_factory=lambda: NoteForm(formdata=None))


@dataclass(frozen=True)
class Opened:
    """What custody opened for this page: the alerts of the study, how many are not known any more, notes by event."""

    alerts: Sequence[Alert]
    unknown: int
    notes: Mapping[UUID, str | None]


def alert_page(id: UUID, filled: Forms, *, opened: Opened | None = None, closed: str = "") -> str:
    """The page, with what custody opened for it, or with the sentence of a desk that is `closed`. Raises `NotFound`."""
    site, now, protocol, me = own_site(), clock.now(), here().protocol, signed_in()
    with reading("registry", site=site) as connection:
        row = alert_of_site(connection, site, id)
        if row is None:
            raise NotFound(NOT_THERE)
        events, names = alert_events(connection, id), staff_names(connection)
        lines = history(row, events, mails_of(connection, id), names)
        filled.hand.offer(colleagues(connection, site), me=me.id, holder=row.holder)
        erasures = erasures_waiting(connection, row.enrolment, now=now)
        others, mail = beside(connection, site, row), site_mail(connection, site)
    country, contacts = contacts_for(protocol.contacts, row.zone)
    return render_template(
        "clinic/alert.html",
        row=row,
        seen=len(events),
        lines=lines,
        outcome=next((OUTCOMES.get(one.code, one.code) for one in events if one.what == "closed"), ""),
        others=others,
        erasure_waits=max((one.waits_until for one in erasures), default=None),
        holder=names.get(row.holder, UNKNOWN) if row.holder else "",
        since=age(row.raised_at, now=now),
        looks=LOOKS,
        forms_of=filled,
        opened=opened,
        closed=closed,
        mail=mail,
        country=country_names().get(country, ""),
        contacts=contacts,
        hours=in_words(protocol.monitoring),
        is_staffed=is_staffed(protocol.monitoring, now),
        next_hours=next_staffed(protocol.monitoring, now),
        zone=protocol.monitoring.zone,
        may_act=me.role == "clinician",
        now=now,
    )


def staff_names(connection: sa.Connection) -> dict[UUID, str]:
    """Every account of this room by id, ended ones too: they stand in histories."""
    return {row.id: row.shown_name for row in accounts(connection, "registry")}
