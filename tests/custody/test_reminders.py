"""A reminder goes out once for an occasion and place, in time, outside quiet hours, and says nothing; or it is told
that not."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import current_app
from pydantic import ValidationError

from studyportal import outbox
from studyportal.audit import Actor
from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.custody.delivery.settings import MailSettings
from studyportal.custody.erasure import actions as erasing
from studyportal.custody.reminders import pushing, sending
from studyportal.custody.reminders.looking import look_for_due, working_ways
from studyportal.custody.reminders.pushing import Pusher
from studyportal.custody.reminders.sending import Means, send_reminder
from studyportal.custody.reminders.settings import PushSettings
from studyportal.custody.reminders.words import WORDS
from studyportal.database import reading, writing
from studyportal.errors import Conflict, Invalid, Unavailable
from studyportal.intake.pausing.actions import go_on, pause
from studyportal.intake.reminders.actions import (
    choose_wishes,
    end_place,
    keep_address,
    keep_browser,
    make_feed,
    mark_of,
)
from studyportal.outbox.tables import OUTBOX
from studyportal.portal.leasing import work_once
from studyportal.registry.form_tables import CONSENT_FORMS
from studyportal.registry.reminder_seals import Whereto
from studyportal.registry.reminder_tables import (
    CALENDAR_FEEDS,
    REMINDER_CONTACTS,
    REMINDER_WISHES,
    REMINDERS,
)
from studyportal.registry.reminders import forget_devices
from studyportal.registry.reminders import working_ways as ways_told
from studyportal.registry.reminding import outcome_counts
from studyportal.registry.tables import ENROLMENTS
from studyportal.sealing.push import new_push_key
from studyportal.web.answering.reminding import Quiet, Wishes
from tests.custody.cast import CUSTODIAN, NOW
from tests.mail_server import mail_server
from tests.push_service import HOST, Subscribed, push_service, text_of

WORKER = Actor("custody", "worker", "worker")
DIARY = "https://diary.example.org"
# 17:00 in Berlin on study day 57, when the evening diary opens; it closes at 03:00.
EVENING = datetime(2026, 3, 2, 16, tzinfo=UTC)
ALWAYS = Quiet(time(0), time(0))  # no quiet hours
ADA = "ada@home.example"


@pytest.fixture
def server():
    with mail_server() as running:
        yield running


@pytest.fixture
def service():
    with push_service() as running:
        yield running


@pytest.fixture
def mail(server):
    return MailSettings(
        host="127.0.0.1", port=server.port, sender="portal@study.example", clinic="https://c.example", starttls=False
    )


@pytest.fixture
def push():
    key = text_of(new_push_key()).replace("-", "+").replace("_", "/") + "="
    return PushSettings(private_key=key, contact="it@study.example", services=(HOST,))


def means(house, mail=None, push=None, service=None, actor=WORKER):
    pusher = Pusher(push, service.dial) if push else None
    return Means(keys=house.keys, protocol=house.protocol, mail=mail, pusher=pusher, diary=DIARY, actor=actor)


def only_evening(house, quiet=ALWAYS, after=timedelta(0)):
    return Wishes(quiet, after, frozenset(house.protocol.instruments) - {"evening"})


def reminded(house, *, address=ADA, wishes=None, mail=None, push=None, browser=None, now=EVENING - timedelta(hours=1)):
    """Somebody who is reminded of the evening diary alone."""
    person = house.participant()
    look_for_due(house.protocol, working_ways(mail, push), now=now)
    choose_wishes(person, wishes or only_evening(house), required={"study"}, now=now)
    if mail:
        keep_address(person, address, protocol=house.protocol, now=now)
    if browser:
        keep_browser(person, browser.whereto, whose="1234", protocol=house.protocol, now=now)
    return person


def deliver(means, *, now) -> list[str]:
    """Send what the outbox has, as the worker does; what it said."""
    said: list[str] = []
    doing = {"reminder": lambda work, *, settings, now: send_reminder(UUID(work.payload["message"]), settings, now=now)}
    while work_once(means, doing=doing, say=said.append, now=now):
        pass
    return said


def outcomes(house):
    return sorted((row.way, row.occasion, row.outcome) for row in house.rows(REMINDERS))


def test_what_opens_is_told_once_by_mail_at_its_hour(house, server, mail):
    reminded(house, mail=mail)
    ways, doing = working_ways(mail, None), means(house, mail)

    wanted = [
        look_for_due(house.protocol, ways, now=EVENING + timedelta(minutes=minutes))
        for minutes in (-1, 0, 1, 60, 24 * 60)
    ]
    deliver(doing, now=EVENING + timedelta(minutes=1))

    assert wanted == [0, 1, 0, 0, 1]
    assert [one.to for one in server.taken] == [[ADA]]
    with reading("registry") as connection:
        told = connection.scalars(sa.select(AUDIT_EVENTS["registry"].c.action)).all()
    assert told.count("reminder:end") == 1


def test_a_mail_betrays_nothing(house, server, mail):
    person = reminded(house, mail=mail)
    look_for_due(house.protocol, working_ways(mail, None), now=EVENING)

    deliver(means(house, mail), now=EVENING)

    (one,) = server.taken
    text = one.raw.decode()
    assert one.message["Subject"] == WORDS.rstrip(".") and WORDS in text and f"\n{DIARY}" in text.replace("\r\n", "\n")
    said = text.replace(ADA, "").replace(DIARY, "").replace("portal@study.example", "").lower()
    for secret in (
        house.study,
        house.protocol.study.title,
        "pain",
        "diary",
        "evening",
        "micro",
        "ns-",
        "reply",
        str(person),
    ):
        assert secret.lower() not in said


def test_what_is_due_together_is_one_message(house, server, mail):
    reminded(house, mail=mail, wishes=Wishes(ALWAYS))

    look_for_due(house.protocol, working_ways(mail, None), now=EVENING)
    deliver(means(house, mail), now=EVENING)

    assert len(server.taken) == 1 and len({row.message for row in house.rows(REMINDERS)}) == 1
    assert {row.schedule for row in house.rows(REMINDERS)} > {"evening"}


def test_two_workers_that_race_want_and_send_each_reminder_once(house, server, mail):
    people = [reminded(house, mail=mail, address=f"person{number}@home.example") for number in range(12)]
    app, ways, doing, wrong = current_app._get_current_object(), working_ways(mail, None), means(house, mail), []
    start = threading.Barrier(3)

    def work():
        try:
            with app.app_context():
                start.wait()
                look_for_due(house.protocol, ways, now=EVENING)
                deliver(doing, now=EVENING)
        except Exception as failure:  # noqa: BLE001 - told by the test
            wrong.append(failure)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    look_for_due(house.protocol, ways, now=EVENING)
    deliver(doing, now=EVENING)

    assert wrong == []
    assert sorted(one.to[0] for one in server.taken) == sorted(f"person{number}@home.example" for number in range(12))
    assert [row.outcome for row in house.rows(REMINDERS)] == ["sent"] * len(people)


class Killed(BaseException):
    """What no worker catches, as nothing catches kill -9."""


@pytest.mark.parametrize("moment", ["before the mail went", "after the mail went"])
def test_a_worker_killed_between_marking_and_writing_down_sends_nothing_twice(moment, house, server, mail, monkeypatch):
    reminded(house, mail=mail)
    look_for_due(house.protocol, working_ways(mail, None), now=EVENING)
    send = sending.send

    def killed(message, settings):
        if moment == "after the mail went":
            send(message, settings)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(sending, "send", killed)
        with pytest.raises(Killed):
            deliver(means(house, mail), now=EVENING)
    at_once = deliver(means(house, mail), now=EVENING + timedelta(minutes=1))  # its lease still runs
    look_for_due(house.protocol, working_ways(mail, None), now=EVENING + timedelta(minutes=11))
    deliver(means(house, mail), now=EVENING + timedelta(minutes=11))

    assert at_once == [] and len(server.taken) == (moment == "after the mail went")
    assert outcomes(house) == [("mail", 57, "unknown")]
    with reading("registry") as connection:
        assert outcome_counts(connection, since=EVENING) == {("mail", "unknown"): 1}


def test_nobody_is_reminded_of_what_they_gave(house, server, mail):
    early, late = (reminded(house, mail=mail, wishes=only_evening(house, after=timedelta(hours=1))) for _ in range(2))
    house.evening(early, 57)

    look_for_due(house.protocol, working_ways(mail, None), now=EVENING + timedelta(hours=1))
    house.evening(late, 57)  # between wanting and sending
    deliver(means(house, mail), now=EVENING + timedelta(hours=1))

    assert server.taken == [] and outcomes(house) == [("mail", 57, "dropped")]


def test_nobody_is_reminded_who_has_left_or_not_begun(house, server, mail):
    for strength in ("stop", "remove"):
        house.withdrawal(reminded(house, mail=mail), strength)
    waiting = reminded(house, mail=mail)
    with writing("registry") as connection:
        connection.execute(sa.update(ENROLMENTS).where(ENROLMENTS.c.id == waiting).values(started_on=None))

    assert look_for_due(house.protocol, working_ways(mail, None), now=EVENING) == 0


def test_somebody_who_leaves_after_it_was_wanted_gets_none(house, server, mail):
    person = reminded(house, mail=mail)
    look_for_due(house.protocol, working_ways(mail, None), now=EVENING)
    house.withdrawal(person, "stop", now=EVENING)

    deliver(means(house, mail), now=EVENING)

    assert server.taken == [] and outcomes(house) == [("mail", 57, "dropped")]


def test_a_diary_that_pauses_for_a_signature_reminds_nobody(house, server, mail):
    reminded(house, mail=mail)
    consent = replace(house.protocol.consent, version="9", until_signed="pause")
    pausing = replace(house.protocol, consent=consent)
    with writing("registry") as connection:
        row = {"id": uuid4(), "version": "9", "texts": f'["{consent.digest}"]', "proposed_at": NOW, "in_force_at": NOW}
        connection.execute(sa.insert(CONSENT_FORMS), row)

    assert look_for_due(pausing, working_ways(mail, None), now=EVENING) == 0
    assert look_for_due(house.protocol, working_ways(mail, None), now=EVENING + timedelta(hours=7)) == 1


def test_nobody_is_reminded_in_a_pause_and_who_goes_on_is_at_once(house, server, mail):
    resting, wanted = reminded(house, mail=mail), reminded(house, mail=mail, address="bo@home.example")
    pause(resting, until=None, now=EVENING - timedelta(minutes=5))
    look_for_due(house.protocol, working_ways(mail, None), now=EVENING)
    pause(wanted, until=None, now=EVENING)  # after it was wanted, before it went out

    deliver(means(house, mail), now=EVENING)
    quiet = len(server.taken)
    go_on(resting, now=EVENING + timedelta(hours=1))
    look_for_due(house.protocol, working_ways(mail, None), now=EVENING + timedelta(hours=1))
    deliver(means(house, mail), now=EVENING + timedelta(hours=1))

    assert quiet == 0 and len(server.taken) == 1
    assert [outcome for _, _, outcome in outcomes(house)] == ["dropped", "sent"]


def test_quiet_hours_put_it_off_and_the_end_of_its_time_ends_it(house, server, mail):
    reminded(house, mail=mail, wishes=only_evening(house, Quiet(time(16), time(20))))
    reminded(house, mail=mail, wishes=only_evening(house, Quiet(time(16), time(4))))  # over midnight: all of its time
    ways = working_ways(mail, None)

    wanted = [
        look_for_due(house.protocol, ways, now=EVENING + timedelta(minutes=minutes)) for minutes in (0, 179, 180, 590)
    ]

    assert wanted == [0, 0, 1, 0]


def test_a_stale_reminder_and_one_in_quiet_hours_are_not_sent(house, server, mail):
    reminded(house, mail=mail)
    reminded(house, mail=mail, wishes=only_evening(house, Quiet(time(18), time(8))))
    look_for_due(house.protocol, working_ways(mail, None), now=EVENING)

    with writing("registry") as connection:
        left = outbox.waiting(connection, "registry")["reminder"]
    deliver(means(house, mail), now=EVENING + timedelta(hours=10))  # the worker was away

    assert left == 2 and server.taken == []
    assert [outcome for *_, outcome in outcomes(house)] == ["dropped", "dropped"]


def test_a_mail_that_was_refused_is_tried_again_until_it_is_too_late(house, server, mail):
    reminded(house, mail=mail)
    look_for_due(house.protocol, working_ways(mail, None), now=EVENING)
    server.refuses = True

    said = deliver(means(house, mail), now=EVENING)
    server.refuses = False
    deliver(means(house, mail), now=EVENING + timedelta(minutes=2))
    look_for_due(house.protocol, working_ways(mail, None), now=EVENING + timedelta(days=1))
    server.refuses = True
    deliver(means(house, mail), now=EVENING + timedelta(days=1))
    deliver(means(house, mail), now=EVENING + timedelta(days=1, hours=10))

    assert "did not take the mail" in said[0] and len(server.taken) == 1
    assert outcomes(house) == [("mail", 57, "sent"), ("mail", 58, "failed")]


def test_a_push_is_sealed_to_its_browser_and_signed_for_its_service(house, service, push):
    browser = Subscribed()
    reminded(house, push=push, browser=browser)
    look_for_due(house.protocol, working_ways(None, push), now=EVENING)

    deliver(means(house, push=push, service=service), now=EVENING)

    (one,) = service.taken
    assert browser.opened(one.body) == WORDS and one.path == f"/send/{browser.name}"
    assert one.claims["aud"] == f"https://{HOST}" and one.claims["sub"] == "mailto:it@study.example"
    assert EVENING.timestamp() < one.claims["exp"] <= (EVENING + timedelta(hours=24)).timestamp()
    assert one.headers["Authorization"].endswith(f"k={push.public_key}")
    assert (one.headers["TTL"], one.headers["Content-Encoding"]) == (str(10 * 3600), "aes128gcm")
    assert outcomes(house) == [("push", 57, "sent")]


def test_what_a_push_service_says_is_heeded_and_no_redirect_followed(small_house, service, push):
    said = {404: "gone", 410: "gone", 302: "failed", 307: "failed", 400: "failed", 413: "failed"}
    for number, (status, outcome) in enumerate(said.items(), start=1):
        browser = Subscribed()
        reminded(small_house, push=push, browser=browser)
        look_for_due(small_house.protocol, working_ways(None, push), now=EVENING)
        service.status = status

        for minutes in (0, 5, 60):
            deliver(means(small_house, push=push, service=service), now=EVENING + timedelta(minutes=minutes))

        assert len(service.taken) == number and service.taken[-1].path == f"/send/{browser.name}"
        newest = max(
            small_house.rows(REMINDERS), key=lambda row: row.mark == mark_of(browser.whereto.address, whose="1234")
        )
        assert newest.outcome == outcome
    assert len(small_house.rows(REMINDER_CONTACTS)) == 4


def test_a_push_service_that_is_busy_is_asked_again(small_house, service, push):
    reminded(small_house, push=push, browser=Subscribed())
    look_for_due(small_house.protocol, working_ways(None, push), now=EVENING)

    for minutes, status in ((0, 429), (2, 500), (5, 503), (10, 201), (20, 201)):
        service.status = status
        deliver(means(small_house, push=push, service=service), now=EVENING + timedelta(minutes=minutes))

    assert len(service.taken) == 4 and outcomes(small_house) == [("push", 57, "sent")]


UNFIT = (
    "http://push.example.org/x", "https://127.0.0.1/x", "https://localhost/x", "https://[::1]/x", "https://10.0.0.1/x",
    "https://push.example.org:8443/x", "https://push.example.org@10.0.0.1/x", "https://push.example.org.evil.example/x",
    "https://evilpush.example.org/x", "file:///etc/passwd", "https://push.example.org/x\r\nHost: a", "",
    "https://PUSH.example.org/x", "https://push.example.org", "https://push.example.org/" + "x" * 1024,
    "https://push.example.org/x#y",
)  # fmt: skip


def test_only_an_https_address_of_a_known_service_is_called(small_house, push, service):
    person, browser = reminded(small_house, push=push), Subscribed()

    for address in UNFIT:
        whereto = Whereto(address, browser.whereto.public, browser.whereto.auth)
        with pytest.raises(Invalid):
            keep_browser(person, whereto, whose="1234", protocol=small_house.protocol, now=NOW)
        with pytest.raises(Invalid):
            Pusher(push, service.dial).push(WORDS, whereto, until=NOW + timedelta(hours=1), now=NOW)

    assert service.taken == []


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "192.168.0.7"])
def test_a_name_that_leads_inside_is_not_called(address, monkeypatch):
    family = 10 if ":" in address else 2
    monkeypatch.setattr(pushing.socket, "getaddrinfo", lambda *_, **__: [(family, 1, 6, "", (address, 443))])
    monkeypatch.setattr(pushing.socket, "create_connection", lambda *_, **__: pytest.fail("it was called"))

    with pytest.raises(OSError, match="no public address"):
        pushing.dial("push.example.org")


def test_an_address_that_does_not_answer_is_not_the_last(monkeypatch):
    asked = []

    def create_connection(address, timeout):
        asked.append(address[0])
        raise OSError("nobody there")

    found = [(2, 1, 6, "", (one, 443)) for one in ("10.0.0.1", "192.88.99.1", "1.1.1.1", "8.8.8.8")]
    monkeypatch.setattr(pushing.socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(pushing.socket, "create_connection", create_connection)

    with pytest.raises(OSError, match="nobody there"):
        pushing.dial("push.example.org")

    assert asked[-2:] == ["1.1.1.1", "8.8.8.8"] and "10.0.0.1" not in asked


def test_one_browser_is_one_place_and_a_seventh_is_refused(small_house, push):
    person, browser = reminded(small_house, push=push), Subscribed()
    for _ in range(2):
        keep_browser(person, browser.whereto, whose="1234", protocol=small_house.protocol, now=NOW)
    for _ in range(5):
        keep_browser(person, Subscribed().whereto, whose="1234", protocol=small_house.protocol, now=NOW)

    with pytest.raises(Conflict):
        keep_browser(person, Subscribed().whereto, whose="1234", protocol=small_house.protocol, now=NOW)

    assert len(small_house.rows(REMINDER_CONTACTS)) == 6


def test_an_address_that_was_ended_or_replaced_is_not_written_to_and_no_occasion_comes_twice(house, server, mail):
    person = reminded(house, mail=mail)
    look_for_due(house.protocol, working_ways(mail, None), now=EVENING)
    deliver(means(house, mail), now=EVENING)
    keep_address(person, "new@home.example", protocol=house.protocol, now=EVENING)
    look_for_due(house.protocol, working_ways(mail, None), now=EVENING + timedelta(minutes=1))
    look_for_due(house.protocol, working_ways(mail, None), now=EVENING + timedelta(days=1))
    (place,) = house.rows(REMINDER_CONTACTS)
    end_place(person, place.id, now=EVENING + timedelta(days=1))

    deliver(means(house, mail), now=EVENING + timedelta(days=1))

    assert [one.to for one in server.taken] == [[ADA]]


def test_what_custody_cannot_do_is_offered_to_nobody(house, server, mail, push):
    reminded(house, mail=mail)
    with reading("registry") as connection:
        before = set(ways_told(connection))

    assert look_for_due(house.protocol, working_ways(None, push), now=EVENING) == 0

    with reading("registry") as connection:
        after = ways_told(connection)
    assert before == {"mail"} and set(after) == {"push"}
    assert after["push"].public_key == push.public_key and after["push"].services == HOST
    with pytest.raises(Unavailable):
        keep_address(house.participant(), ADA, protocol=house.protocol, now=NOW)


@pytest.mark.parametrize(("scope", "strength", "stays"), [
    ("study", "stop", False), ("study", "remove", False), ("study", "erase", False), ("sharing", "remove", True),
])  # fmt: skip
def test_whoever_leaves_is_forgotten(scope, strength, stays, house, server, mail):
    person, other = (reminded(house, mail=mail) for _ in range(2))
    for one in (person, other):
        make_feed(one, required={"study"}, now=NOW)
    look_for_due(house.protocol, working_ways(mail, None), now=EVENING)
    asked = house.withdrawal(person, strength, scope=scope, now=EVENING)

    erasing.carry_through(
        asked,
        erasing.Means(
            key_file=house.key_file, shelf=house.shelf, protocol=house.protocol, actor=CUSTODIAN, now=EVENING
        ),
    )

    left = {table.name: {row.enrolment for row in house.rows(table)} for table in (
        REMINDER_CONTACTS, REMINDER_WISHES, REMINDERS, CALENDAR_FEEDS,
    )}  # fmt: skip
    assert all(people == ({person, other} if stays else {other}) for people in left.values()), left
    deliver(means(house, mail), now=EVENING)
    assert len(server.taken) == 1 + stays


def test_new_words_end_what_stands_on_devices(house, server, mail, push):
    person = reminded(house, mail=mail, push=push, browser=Subscribed())
    make_feed(person, required={"study"}, now=NOW)

    with writing("registry") as connection:
        forget_devices(connection, person)

    assert [row.way for row in house.rows(REMINDER_CONTACTS)] == ["mail"] and house.rows(CALENDAR_FEEDS) == []


def test_the_outbox_names_nobody(house, server, mail):
    person = reminded(house, mail=mail)
    look_for_due(house.protocol, working_ways(mail, None), now=EVENING)

    (work,) = [row for row in house.rows(OUTBOX["registry"]) if row.kind == "reminder"]

    assert str(person) not in work.payload and ADA not in work.payload


@pytest.mark.parametrize(
    "changed",
    [
        {"private_key": "AAAA"}, {"private_key": "/" * 43 + "="}, {"contact": "it"}, {"services": ["localhost"]},
        {"services": ["127.0.0.1"]}, {"services": ["https://push.example.org"]}, {"greeting": "hello"},
    ],
)  # fmt: skip
def test_unfit_push_settings_are_refused_without_their_values(changed, push):
    with pytest.raises(ValidationError) as refused:
        PushSettings(**{**push.model_dump(), **changed})

    assert push.private_key not in str(refused.value)
