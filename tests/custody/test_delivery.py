"""Mail about an alert that waits too long: once an alert and step, without content, by a real server; or nobody,
plainly."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from studyportal import outbox
from studyportal.audit import Actor
from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.custody.delivery.actions import send_mail, set_site_mail
from studyportal.custody.delivery.escalation import escalate
from studyportal.custody.delivery.letters import WORDS, letter
from studyportal.custody.delivery.settings import MailSettings
from studyportal.database import reading, writing
from studyportal.errors import Invalid, NotFound, Unavailable
from studyportal.registry.alert_mails import STEPS, mail_counts, site_mail
from studyportal.registry.alert_tables import ALERT_MAILS
from studyportal.registry.alerts import raise_alert, take_alert
from studyportal.web.mail_addresses import read_address
from tests.custody.cast import CUSTODIAN, NOW
from tests.mail_server import mail_server

WORKER = Actor("custody", "worker", "worker")
ROOM = "https://clinic.example.org"


@pytest.fixture
def server():
    with mail_server() as running:
        yield running


def mail(server, **changed):
    known = {
        "host": "127.0.0.1",
        "port": server.port,
        "sender": "portal@study.example",
        "clinic": ROOM,
        "monitoring": "watch@study.example",
        "starttls": False,
    }
    return MailSettings(**{**known, **changed})


@pytest.fixture
def site(house):
    """The site wants a mail after half an hour."""
    set_site_mail("NS", address="care@northside.example", after=30, actor=CUSTODIAN, now=NOW)
    return house


def alert(house, level="urgent", *, at=NOW) -> UUID:
    person, id = house.participant(), uuid4()
    entry = house.evening(person, 1)
    with writing("registry", enrolment=person) as connection:
        row = {"id": id, "enrolment": person, "entry": entry, "source": "entry", "level": level, "raised_at": at}
        assert raise_alert(connection, row | {"sealed": b"sealed"})
    return id


def deliver(settings, *, now) -> int:
    """Send what the outbox has, as the worker does; how many pieces of work failed."""
    failed = 0
    while True:
        with writing("registry") as connection:
            work = outbox.lease(connection, "registry", ["mail"], now=now)
        if work is None:
            return failed
        try:
            send_mail(
                UUID(work.payload["alert"]),
                int(work.payload["step"]),
                mail=settings,
                study="MCP-1",
                actor=WORKER,
                now=now,
            )
        except Unavailable as failure:
            failed += 1
            with writing("registry") as connection:
                outbox.fail(connection, "registry", work, type(failure).__name__, now=now)
        else:
            with writing("registry") as connection:
                outbox.finish(connection, "registry", work, now=now)


def after(minutes):
    return NOW + timedelta(minutes=minutes)


def test_an_urgent_alert_is_mailed_to_the_site_and_then_to_whoever_watches(site, server):
    alert(site)
    settings = mail(server)

    wanted = [escalate(settings, actor=WORKER, now=after(minutes)) for minutes in (29, 30, 31, 60, 61)]
    deliver(settings, now=after(61))

    assert wanted == [0, 1, 0, 1, 0]
    assert [one.to for one in server.taken] == [["care@northside.example"], ["watch@study.example"]]
    with reading("registry") as connection:
        assert mail_counts(connection) == {"sent": 2, "failed": 0, "waiting": 0}
        told = connection.scalars(sa.select(AUDIT_EVENTS["registry"].c.action)).all()
    assert told.count("alert:escalate") == told.count("mail:send") == 2


def test_a_mail_says_that_something_waits_and_where_and_nothing_else(site, server):
    id = alert(site)
    escalate(mail(server), actor=WORKER, now=after(60))

    deliver(mail(server), now=after(60))

    for one in server.taken:
        text = one.raw.decode()
        assert one.message["Subject"] == "MCP-1: an alert waits" and ROOM in text
        assert one.message["Auto-Submitted"] == "auto-generated" and one.message["From"] == "portal@study.example"
        for secret in ("NS-", "urgent", "pain", "Northside", "severe"):
            assert secret not in text.replace("care@northside.example", "")
        assert str(id) in one.message["Message-ID"]


@pytest.mark.parametrize("level", ["high", "low"])
def test_what_is_not_urgent_is_not_mailed(level, site, server):
    alert(site, level)

    assert escalate(mail(server), actor=WORKER, now=after(5000)) == 0


def test_what_was_taken_on_is_not_mailed_any_more(site, server):
    id, settings = alert(site), mail(server)
    escalate(settings, actor=WORKER, now=after(30))
    with writing("registry", site="NS") as connection:
        take_alert(connection, "NS", id, account=uuid4(), now=after(31))

    deliver(settings, now=after(32))

    assert server.taken == [] and escalate(settings, actor=WORKER, now=after(90)) == 0
    assert site.rows(ALERT_MAILS)[0].dropped_at == after(32)


def test_a_server_that_takes_nothing_is_counted_and_tried_again(site, server):
    id, settings = alert(site), mail(server, monitoring=None)
    escalate(settings, actor=WORKER, now=after(30))
    server.refuses = True

    failed = [deliver(settings, now=after(30)), deliver(settings, now=after(32))]
    with reading("registry") as connection:
        counts = mail_counts(connection)
    server.refuses = False
    deliver(settings, now=after(60))
    send_mail(id, 1, mail=settings, study="MCP-1", actor=WORKER, now=after(61))  # the outbox may bring it twice

    assert failed == [1, 1] and counts == {"sent": 0, "failed": 1, "waiting": 0}
    assert len(server.taken) == 1 and site.rows(ALERT_MAILS)[0].failures == 2


def test_a_server_that_is_not_there_is_a_failure_and_not_a_crash(site, server):
    alert(site)
    settings = mail(server, port=1)
    escalate(settings, actor=WORKER, now=after(30))

    assert deliver(settings, now=after(30)) == 1


def test_without_a_mail_server_nobody_is_mailed_and_the_site_is_told_so(site, server):
    alert(site)

    assert escalate(mail(server), actor=WORKER, now=NOW) == 0
    with reading("registry") as connection:
        assert site_mail(connection, "NS").has_mail
    assert escalate(None, actor=WORKER, now=after(600)) == 0
    with reading("registry") as connection:
        assert not site_mail(connection, "NS").has_mail
    assert site.rows(ALERT_MAILS) == []


def test_a_site_that_wants_no_mail_gets_none(site, server):
    alert(site)
    set_site_mail("NS", address=None, after=None, actor=CUSTODIAN, now=NOW)

    assert escalate(mail(server), actor=WORKER, now=after(600)) == 0


@pytest.mark.parametrize(
    ("address", "minutes"),
    [("care@x.example", None), (None, 30), ("care@x.example", 4), ("care@x.example", 1441), ("x", 30)],
)
def test_half_a_wish_is_refused(address, minutes, site):
    with pytest.raises(Invalid):
        set_site_mail("NS", address=address, after=minutes, actor=CUSTODIAN, now=NOW)


def test_a_site_that_is_not_there_is_not_found(site):
    with pytest.raises(NotFound):
        set_site_mail("XX", address="care@x.example", after=30, actor=CUSTODIAN, now=NOW)


BAD = [
    "", "care", "care@", "@x.example", "a b@x.example", "care@x.example\nBcc: all@x.example", "care@x.example\r\n", "a@b@c",
    "care@x.example, more@x.example", "Care <care@x.example>", "kärre@x.example", "care@x..example", ".a@x.example",
    "care@-x.example", "care@x.example.", "a" * 65 + "@x.example", "care@" + "x." * 120 + "example", "care@x.example\0",
]  # fmt: skip


@pytest.mark.parametrize("address", BAD)
def test_an_address_is_one_plain_one(address):
    with pytest.raises(Invalid) as refused:
        read_address(address)

    assert "\n" not in refused.value.sentence


def test_no_header_has_a_second_line():
    with pytest.raises(ValueError, match=r"header|linefeed|newline"):
        letter(
            1, study="MCP-1\nBcc: all@x.example", to="a@b.example", sender="c@d.example", clinic=ROOM, id="1", now=NOW
        )
    with pytest.raises(Invalid):
        letter(
            1, study="MCP-1", to="a@b.example\nBcc: all@x.example", sender="c@d.example", clinic=ROOM, id="1", now=NOW
        )


def test_every_step_has_its_words():
    assert set(WORDS) == set(STEPS)


@pytest.mark.parametrize(
    "changed",
    [
        {"host": "mail.example.org"},
        {"user": "portal"},
        {"password": "copper lantern"},
        {"sender": "portal"},
        {"clinic": "http://clinic.example.org"},
        {"monitoring": "watch@x.example\nBcc: a@b.example"},
        {"greeting": "hello"},
    ],
)
def test_unfit_mail_settings_are_refused_without_their_values(changed, server):
    with pytest.raises(ValidationError) as refused:
        mail(server, **changed)

    assert "copper" not in str(refused.value) and "Bcc" not in str(refused.value)
