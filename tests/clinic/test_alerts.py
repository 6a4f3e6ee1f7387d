"""The clinic sees that an alert waits, and what clinicians do about it is written down once, in order, by whom."""

import re
import threading
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import current_app

from studyportal.audit import Actor
from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.clinic.alerts import actions
from studyportal.clinic.alerts.actions import NOTE_LENGTH, By
from studyportal.clinic.alerts.course import ACTS, FILTERS, OUTCOMES, RAISED, TOLD, history
from studyportal.clinic.alerts.waiting import LOOKS, age
from studyportal.database import reading, writing
from studyportal.errors import Conflict, Invalid, NotFound, Refusal
from studyportal.protocol.document import LEVELS
from studyportal.registry.alert_tables import ALERT_EVENTS, ALERT_MAILS, ERASED_ALERTS, SAFETY_ALERTS, SOURCES
from studyportal.registry.alerts import alert_events, alerts_page, bury_alerts, count_alerts, open_alerts, raise_alert
from studyportal.registry.contexts import note_context
from studyportal.registry.tables import ENROLMENT_KEYS, SEALED_ENTRIES
from studyportal.sealing import new_pair
from studyportal.sealing.opening import Opener
from studyportal.web.sign_in.tables import SIGN_IN
from tests.clinic.test_adherence import NOW, ORIGIN, clinic, enrol, protocol, registry, signed_in  # noqa: F401

ADA, GRACE, OUTSIDER = uuid4(), uuid4(), uuid4()


def by(account=ADA, site="NS", now=NOW):
    return By(site=site, study="MCP-1", account=account, actor=Actor("clinic", "clinician", str(account)), now=now)


@pytest.fixture
def staff(registry):  # noqa: F811
    """Ada and Grace at the site, somebody at another."""
    with writing("registry") as connection:
        for id, name, site in ((ADA, "Ada", "NS"), (GRACE, "Grace", "NS"), (OUTSIDER, "Olga", "SS")):
            row = {"id": id, "name": name.lower(), "shown_name": name, "role": "clinician", "site": site}
            connection.execute(SIGN_IN["registry"].accounts.insert(), row | {"passphrase_hash": "", "created_at": NOW})


def alert(enrolment, level="high", *, raised_at=NOW - timedelta(hours=3)):
    id = uuid4()
    with writing("registry", enrolment=enrolment) as connection:
        entry = connection.scalar(
            sa.select(SEALED_ENTRIES.c.id).where(
                SEALED_ENTRIES.c.enrolment == enrolment, SEALED_ENTRIES.c.id.not_in(sa.select(SAFETY_ALERTS.c.entry))
            )
        )
        row = {"id": id, "enrolment": enrolment, "entry": entry, "level": level, "raised_at": raised_at}
        raise_alert(connection, row | {"sealed": b"sealed"})
    return id


def take(client, id):
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/alerts/", base_url=ORIGIN).text)[1]
    headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
    return client.post(f"/alerts/{id}/acknowledge", base_url=ORIGIN, data={"csrf_token": token}, headers=headers)


def test_the_most_pressing_and_oldest_of_the_own_site_come_first(registry):  # noqa: F811
    own, other = enrol("NS", given=[1, 2, 3]), enrol("SS", given=[1])
    low, late, early = (
        alert(own, "low", raised_at=NOW - timedelta(days=9)),
        alert(own, "urgent"),
        alert(own, "urgent", raised_at=NOW - timedelta(days=1)),
    )
    alert(other, "urgent")

    with reading("registry", site="NS") as connection:
        found = open_alerts(connection, "NS", limit=10)

    assert [row.id for row in found] == [early, late, low]


def events(alert):
    with reading("registry") as connection:
        return connection.execute(
            sa.select(ALERT_EVENTS).where(ALERT_EVENTS.c.alert == alert).order_by(ALERT_EVENTS.c.number)
        ).all()


def row_of(alert):
    with reading("registry") as connection:
        return connection.execute(sa.select(SAFETY_ALERTS).where(SAFETY_ALERTS.c.id == alert)).one()


def told():
    with reading("registry") as connection:
        found = connection.scalars(sa.select(AUDIT_EVENTS["registry"].c.action)).all()
    return [action for action in found if action.startswith("alert:")]


def test_the_second_of_two_clinicians_is_told_and_the_trail_has_one_event(staff):
    id = alert(enrol("NS", given=[1]))

    actions.acknowledge(id, by(ADA))
    actions.acknowledge(id, by(ADA))
    with pytest.raises(Conflict, match="Ada was faster: “Took it on”"):
        actions.acknowledge(id, by(GRACE))

    assert (row_of(id).acknowledged_by, row_of(id).holder) == (ADA, ADA)
    assert told() == ["alert:acknowledge"] and [one.what for one in events(id)] == ["acknowledged"]


STEPS = {
    "take it on": (0, lambda id, who: actions.acknowledge(id, by(who))),
    "write it down": (1, lambda id, who: actions.act(id, "called_reached", by(who), note="", seen=1)),
    "take it over": (1, lambda id, who: actions.hand_over(id, who, by(who), note="", seen=1)),
    "close it": (1, lambda id, who: actions.close(id, "settled", by(who), note="", seen=1)),
}


@pytest.mark.parametrize("step", STEPS)
def test_of_two_who_act_at_the_same_moment_one_wins_and_the_other_is_told_by_whom(step, staff):
    before, do = STEPS[step]
    id, app, answers = alert(enrol("NS", given=[1])), current_app._get_current_object(), {}
    third = uuid4()
    with writing("registry") as connection:
        row = {"id": third, "name": "third", "shown_name": "Third", "role": "clinician", "site": "NS"}
        connection.execute(SIGN_IN["registry"].accounts.insert(), row | {"passphrase_hash": "", "created_at": NOW})
    if before:
        actions.acknowledge(id, by(third))
    start = threading.Barrier(2)

    def at_once(who):
        with app.app_context():
            start.wait()
            try:
                answers[who] = do(id, who)
            except Refusal as refusal:
                answers[who] = refusal

    threads = [threading.Thread(target=at_once, args=(who,)) for who in (ADA, GRACE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (winner,) = (who for who, answer in answers.items() if answer is None)
    (refusal,) = (answer for answer in answers.values() if answer is not None)
    assert isinstance(refusal, Conflict) and {ADA: "Ada", GRACE: "Grace"}[winner] in refusal.sentence
    assert len(events(id)) == before + 1 and events(id)[-1].account == winner


def test_an_alert_runs_its_course(staff):
    id = alert(enrol("NS", given=[1]))

    actions.acknowledge(id, by(ADA))
    actions.act(id, "called_not_reached", by(ADA), note="", seen=1)
    actions.hand_over(id, GRACE, by(ADA), note="", seen=2)
    actions.close(id, "not_reached", by(GRACE), note="", seen=3)

    found = row_of(id)
    assert (found.acknowledged_by, found.holder, found.closed_at) == (ADA, GRACE, NOW)
    lines = history(found, events_rows(id), [], {ADA: "Ada", GRACE: "Grace"})
    assert [(line.who, line.words) for line in lines] == [
        ("", "Raised by an entry"),
        ("Ada", "Took it on"),
        ("Ada", "Called, and did not reach anybody"),
        ("Ada", "Handed it over to Grace"),
        ("Grace", "Closed. Not reached, after all that the clinic's plan asks for"),
    ]
    assert told() == ["alert:acknowledge", "alert:act", "alert:hand_over", "alert:close"]


def events_rows(id):
    with reading("registry") as connection:
        return alert_events(connection, id)


def test_a_closed_alert_stays_closed_and_takes_a_note(staff):
    id = alert(enrol("NS", given=[1]))
    actions.acknowledge(id, by())
    actions.close(id, "settled", by(), note="", seen=1)

    for again in (
        lambda: actions.act(id, "wrote", by(), note="", seen=2),
        lambda: actions.hand_over(id, GRACE, by(), note="", seen=2),
        lambda: actions.close(id, "settled", by(), note="", seen=2),
    ):
        with pytest.raises(Conflict, match="stays closed"):
            again()
    with_key(id)
    actions.add_note(id, by(), note="Called back.", seen=2)

    assert [one.what for one in events(id)] == ["acknowledged", "closed", "noted"]


def with_key(alert):
    """A key pair for the participant of an alert, the public half where intake would have put it."""
    pair = new_pair()
    row = {"enrolment": row_of(alert).enrolment, "domain": "diary", "key_id": pair.public.id}
    with writing("registry") as connection:
        connection.execute(ENROLMENT_KEYS.insert(), row | {"public_key": pair.public.raw})
    return pair


def test_a_note_is_sealed_and_opens_as_what_it_is(staff):
    id = alert(enrol("NS", given=[1]))
    pair, words = with_key(id), "Ruft um 15 Uhr zurück ☎️"
    actions.acknowledge(id, by())

    actions.act(id, "called_reached", by(), note=f"  {words}  ", seen=1)

    event = events(id)[-1]
    assert words.encode() not in event.sealed
    about = note_context("MCP-1", row_of(id).enrolment, event.id)
    assert Opener(pair.seed).unseal(event.sealed, about=about).decode() == words


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (lambda id: actions.act(id, "", by(), note="", seen=1), "act_what"),
        (lambda id: actions.act(id, "danced", by(), note="", seen=1), "act_what"),
        (lambda id: actions.act(id, "wrote", by(), note="x" * (NOTE_LENGTH + 1), seen=1), "act_note"),
        (lambda id: actions.close(id, "", by(), note="", seen=1), "close_outcome"),
        (lambda id: actions.hand_over(id, OUTSIDER, by(), note="", seen=1), "hand_to"),
        (lambda id: actions.hand_over(id, ADA, by(), note="", seen=1), "hand_to"),
        (lambda id: actions.add_note(id, by(), note=" ", seen=1), "note"),
    ],
)
def test_what_cannot_be_written_down_is_refused_at_its_field(wrong, field, staff):
    id = alert(enrol("NS", given=[1]))
    actions.acknowledge(id, by())

    with pytest.raises(Invalid) as refused:
        wrong(id)

    assert list(refused.value.problems) == [field]
    assert len(events(id)) == 1


def test_nothing_is_done_before_somebody_has_taken_it_on(staff):
    id = alert(enrol("NS", given=[1]))

    with pytest.raises(Conflict, match="Take it on first"):
        actions.act(id, "wrote", by(), note="", seen=0)


ACTIONS = {
    "acknowledge": lambda id: actions.acknowledge(id, by()),
    "act": lambda id: actions.act(id, "wrote", by(), note="", seen=0),
    "hand over": lambda id: actions.hand_over(id, GRACE, by(), note="", seen=0),
    "close": lambda id: actions.close(id, "settled", by(), note="", seen=0),
    "note": lambda id: actions.add_note(id, by(), note="x", seen=0),
    "read of an erasure": lambda id: actions.read_of_erasure(id, by()),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_another_sites_alert_is_not_found_by_any_action(action, staff):
    for missing in (alert(enrol("SS", given=[1])), uuid4()):
        with pytest.raises(NotFound):
            ACTIONS[action](missing)


def test_the_filters_part_the_alerts(staff):
    who = enrol("NS", given=[1, 2, 3])
    waiting, mine, done = alert(who, "low"), alert(who, "high"), alert(who, "urgent")
    for id in (mine, done):
        actions.acknowledge(id, by())
    actions.close(done, "settled", by(), note="", seen=1)

    with reading("registry", site="NS") as connection:
        shown = {
            name: [row.id for row in alerts_page(connection, "NS", name, account=ADA, page=1, size=10)]
            for name in FILTERS
        }
        counts = count_alerts(connection, "NS", ADA)

    assert shown == {"open": [waiting, mine], "mine": [mine], "closed": [done]}
    assert counts == {"open": 2, "mine": 1, "closed": 1}


def test_what_is_erased_while_it_runs_leaves_a_line_without_content(staff):
    who = enrol("NS", given=[1, 2])
    running, closed = alert(who, "urgent"), alert(who)
    for id in (running, closed):
        actions.acknowledge(id, by())
    actions.close(closed, "settled", by(), note="", seen=1)

    with writing("registry") as connection:
        bury_alerts(connection, who, now=NOW)

    with reading("registry") as connection:
        (left,) = connection.execute(sa.select(ERASED_ALERTS)).all()
        gone = [connection.execute(sa.select(table)).all() for table in (SAFETY_ALERTS, ALERT_EVENTS, ALERT_MAILS)]
    assert (left.id, left.enrolment, left.erased_at, left.holder, left.seen_at) == (running, who, NOW, ADA, None)
    assert left.level is None and gone == [[], [], []]
    actions.read_of_erasure(running, by(GRACE))
    with pytest.raises(NotFound):
        actions.read_of_erasure(running, by(ADA))


@pytest.mark.parametrize(
    "change", [{"level": "low"}, {"acknowledged_by": None, "acknowledged_at": None, "holder": None}]
)
def test_what_was_raised_stays_as_it_was_raised(staff, change):
    id = alert(enrol("NS", given=[1]))
    actions.acknowledge(id, by())

    with pytest.raises(sa.exc.DBAPIError, match="only be taken on"), writing("registry") as connection:
        connection.execute(SAFETY_ALERTS.update().values(**change))


def send(client, id, step, **fields):
    page = client.get(f"/alerts/{id}", base_url=ORIGIN).text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
    return client.post(f"/alerts/{id}/{step}", base_url=ORIGIN, data=hidden | fields, headers=headers)


def test_a_clinician_takes_an_alert_to_its_end_and_a_coordinator_only_looks(clinic):  # noqa: F811
    with clinic.app_context():
        mine, others = alert(enrol("NS", given=[1])), alert(enrol("SS", given=[1]))
        pair = with_key(mine)
    ada, grace = signed_in(clinic, "Ada"), signed_in(clinic, "Grace")
    before = ada.get("/alerts/", base_url=ORIGIN).text

    answers = [take(ada, mine).status_code, take(ada, others).status_code, take(grace, others).status_code]
    assert send(ada, mine, "act", act_what="").status_code == 422
    stale = send(ada, mine, "act", act_what="wrote", act_note="kept in the form", seen="0")
    assert send(ada, mine, "act", act_what="called_reached", act_note="Is well.").status_code == 303
    assert send(ada, mine, "close", close_outcome="settled").status_code == 303

    page = ada.get(f"/alerts/{mine}", base_url=ORIGIN).text
    assert "1 alert waits" in before and "Nobody is mailed" in before and "High" in before
    assert answers == [303, 404, 403]
    assert stale.status_code == 409 and "kept in the form" in stale.text and "was faster" in stale.text
    assert "with a sealed note" in page and "Is well." not in page and "Add the note" in page
    assert "No alert waits" in ada.get("/alerts/", base_url=ORIGIN).text
    assert mine.hex in ada.get("/alerts/?show=closed", base_url=ORIGIN).text.replace("-", "")
    assert "Add the note" not in grace.get(f"/alerts/{mine}", base_url=ORIGIN).text
    assert [ada.get(f"/alerts/{path}", base_url=ORIGIN).status_code for path in (others, "?show=all", "?page=2")] == [
        404
    ] * 3
    assert pair is not None


def test_an_erased_alert_is_told_until_a_clinician_has_read_it(clinic):  # noqa: F811
    with clinic.app_context():
        who = enrol("NS", given=[1])
        id = alert(who)
        with writing("registry") as connection:
            bury_alerts(connection, who, now=NOW)
    ada, grace = signed_in(clinic, "Ada"), signed_in(clinic, "Grace")
    page = ada.get("/alerts/", base_url=ORIGIN).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}

    read = ada.post(f"/alerts/erased/{id}", base_url=ORIGIN, data={"csrf_token": token}, headers=headers)

    assert "Erased by the participant" in page and "I have read this" in page
    assert "I have read this" not in grace.get("/alerts/", base_url=ORIGIN).text
    assert read.status_code == 303 and "Erased by" not in ada.get("/alerts/", base_url=ORIGIN).text


def test_every_kind_of_event_source_and_code_has_its_words():
    kinds = {
        kind
        for check in ALERT_EVENTS.constraints
        if getattr(check, "name", "") and "what_is_known" in str(check.name)
        for kind in re.findall(r"'(\w+)'", str(check.sqltext))
    }
    assert set(TOLD) == kinds
    assert set(RAISED) == set(SOURCES)
    assert all(len(code) <= 24 for code in (*ACTS, *OUTCOMES))


def test_every_level_has_its_look():
    assert set(LOOKS) == set(LEVELS)


@pytest.mark.parametrize(
    ("waited", "words"),
    [({"seconds": -5}, "just now"), ({"minutes": 1}, "1 minute"), ({"hours": 30}, "30 hours"), ({"days": 4}, "4 days")],
)
def test_an_age_is_said_in_its_largest_whole_unit(waited, words):
    assert age(NOW - timedelta(**waited), now=NOW) == words
