"""The custodian's pages over a real room: sign in, look, decide, publish; the auditor sees the trail and nothing
else."""

import base64
import re
import secrets
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest
import sqlalchemy as sa

from studyportal.audit import Actor
from studyportal.custody.app import create_app
from studyportal.custody.erasure.certificate import SignedCertificate
from studyportal.custody.settings import CustodySettings
from studyportal.database import db, reading, writing
from studyportal.protocol import SHIPPED
from studyportal.registry.reminding import begin_try, claim_reminders, end_message
from studyportal.registry.tables import ENROLMENTS
from studyportal.sealing.signatures import verify
from studyportal.snapshots.shelf import published
from studyportal.web.sign_in.actions import add_account
from studyportal.workbench.applications import find_application
from studyportal.workbench.ledger import LedgerBlock
from studyportal.workbench.reviews import Asking, Told, add_review, allowance, find_review
from studyportal.workbench.tables import GRANTS
from tests.custody.cast import House
from tests.factors import let_in

PASSPHRASE = "seven quiet herons crossing"
COMMAND = Actor("portal", "command", "test")
NOW = datetime.now(UTC)
ORIGIN = "http://localhost:8002"


@pytest.fixture
def room(sqlite_databases, protocol, tmp_path):
    """Custody's room with a house behind it, a custodian, an auditor and one researcher's request."""
    house = House(protocol, tmp_path)
    from studyportal.custody.opening.key_file import new_keys, write_key_file

    write_key_file(house.key_file, new_keys())
    settings = CustodySettings(
        port=8002,
        origin=ORIGIN,
        secret_key=base64.b64encode(secrets.token_bytes(32)).decode(),
        databases=dict(sqlite_databases),
        protocol=SHIPPED,
        synthetic=True,
        workers=1,
        threads=1,
        log=str(tmp_path / "log"),
        desk=house.shelf.with_name("desk.sock"),
        key_file=house.key_file,
        shelf=house.shelf,
    )
    app = create_app(settings)
    with app.app_context():
        from studyportal.custody.opening.transport import publish_transport_key
        from studyportal.registry.tables import SITES

        publish_transport_key(house.keys, actor=COMMAND, now=NOW)
        with writing("registry") as connection:
            connection.execute(sa.insert(SITES), {"id": "NS", "name": "Northside", "created_at": NOW})
        people = [
            ("keyring", "Carla", "custodian"),
            ("keyring", "Aldo", "auditor"),
            ("workbench", "Rosa", "researcher"),
        ]
        accounts = {}
        for bind, name, role in people:
            with writing(bind) as connection:
                accounts[name] = add_account(
                    connection,
                    bind,
                    name=name,
                    role=role,
                    site=None,
                    passphrase=PASSPHRASE,
                    own_words=(),
                    actor=COMMAND,
                    now=NOW,
                )
        house.asked = house.request(
            accounts["Rosa"], title="Sleep <b>and</b> pain \u05e9\u05dc\u05d5\u05dd", plan="x" * 10_000
        )
        ada = house.participant()
        house.evening(ada, 1)
        house.baseline(ada)
    app.house = house
    # Outside the context: a request under it would share what is remembered for one request only.
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def signed_in(room, name):
    return let_in(room.test_client(), "keyring", name)


def get(client, path):
    return client.get(path, base_url=ORIGIN)


def send(client, path, data=None, *, page=None):
    token = re.search(r'name="csrf_token" value="([^"]+)"', get(client, page or path).text)
    return client.post(
        path, data={**(data or {}), "csrf_token": token.group(1)}, base_url=ORIGIN, headers={"Origin": ORIGIN}
    )


def test_the_overview_counts_reminders_and_names_nobody(room):
    with room.app_context():
        (ada,) = [row.id for row in room.house.rows(ENROLMENTS)]
        for number, outcome in enumerate(("sent", "failed", "unknown"), start=1):
            message, common = uuid4(), {"enrolment": ada, "way": "mail", "mark": b"", "schedule": "evening"}
            with writing("registry") as connection:
                told = {"occasion": number, "message": message, "wanted_at": NOW, "until": NOW}
                claim_reminders(connection, [common | told])
                begin_try(connection, message, now=NOW)
                end_message(connection, message, outcome, now=NOW)

    page = get(signed_in(room, "Carla"), "/").text

    assert "2 may not have gone out" in page and "1 went out; 1 did not; of 1 nobody knows" in page
    assert "no mail server" in page and "no key for web push" in page and str(ada) not in page


PAGES = [
    "/",
    "/requests/",
    "/approvals/",
    "/reviews/",
    "/snapshots/",
    "/withdrawals/",
    "/codes/",
    "/counts/",
    "/trail/",
]


@pytest.mark.parametrize("path", PAGES)
def test_each_page_is_there_for_the_custodian(room, path):
    page = get(signed_in(room, "Carla"), path)

    assert page.status_code == 200 and "<h1>" in page.text


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_led_to_the_sign_in(room, path):
    page = get(room.test_client(), path)

    assert page.status_code in (302, 303, 401)


def test_an_auditor_sees_the_trail_and_nothing_else(room):
    client = signed_in(room, "Aldo")

    codes = {path: get(client, path).status_code for path in PAGES}

    assert codes == {"/": 303, "/trail/": 200} | dict.fromkeys(set(PAGES) - {"/", "/trail/"}, 403)


TERMS = {
    "items": ["evening.pain_average"],
    "level": "aggregates",
    "expires_on": (NOW + timedelta(days=90)).date().isoformat(),
    "revision": "1",
}


def test_a_request_is_shown_escaped_and_approved_by_a_typed_word(room):
    client = signed_in(room, "Carla")
    address = f"/requests/{room.house.asked}"

    page = get(client, address).text
    confirm = send(client, f"{address}/terms", TERMS, page=address)
    mistyped = send(client, f"{address}/approve", TERMS | {"word": "yes"}, page=address)
    approved = send(client, f"{address}/approve", TERMS | {"word": "approve"}, page=address)

    assert "Sleep &lt;b&gt;and&lt;/b&gt; pain" in page and "<b>and</b>" not in page
    assert confirm.status_code == 200 and "<b>Rosa</b> gets a project with 1 question, as aggregates" in confirm.text
    assert (mistyped.status_code, approved.status_code) == (422, 303)
    with room.app_context(), reading("workbench") as connection:
        (grant,) = connection.execute(sa.select(GRANTS)).all()
    assert grant.expires_at.date().isoformat() == (NOW + timedelta(days=91)).date().isoformat()
    assert "Not signed" in get(client, "/approvals/").text


@pytest.mark.parametrize(
    "slip",
    [{"items": ["baseline.age"]}, {"items": []}, {"level": "all"}, {"expires_on": "2020-01-01"}, {"expires_on": "x"}],
)
def test_terms_beyond_the_request_are_told_at_their_place(room, slip):
    client = signed_in(room, "Carla")
    address = f"/requests/{room.house.asked}"

    for step in ("terms", "approve"):
        answer = send(client, f"{address}/{step}", TERMS | slip | {"word": "APPROVE"}, page=address)

        assert answer.status_code == 422 and "another look" in answer.text


@pytest.fixture
def review(room):
    """Rosa's project asks for a course beyond its ledger."""
    with room.app_context():
        kim = room.house.staff("keyring", "Kim", "custodian")
        project = room.house.approve(room.house.asked, kim, now=NOW, expires_at=NOW + timedelta(days=90)).project
        block = LedgerBlock(1, '[["baseline.sex",["f"]]]', "course", "evening.pain_average")
        asking = Asking(
            project=project, account=uuid4(), blocks=(block,), told=(Told("Sex: <b>Female</b>", 1, (("Pain, by week", 8),)),),
            opened=(Told("Everybody who shares", 1, (("Age, by week", 8),)),), address="{}", units=8, used_before=50, reach=58,
            reach_of_all=60, reason="Registered <i>before</i> we began.",
        )  # fmt: skip
        id = uuid4()
        with writing("workbench") as connection:
            add_review(connection, id, asking, now=NOW)
    return id


def test_a_review_says_what_it_adds_and_means_and_is_allowed_by_a_typed_word(room, review):
    client, address = signed_in(room, "Carla"), f"/reviews/{review}"

    overview, listed, page = (get(client, path).text for path in ("/", "/reviews/", address))
    mistyped = send(client, f"{address}/allow", {"answer": "Registered.", "word": "yes"})
    silent = send(client, f"{address}/allow", {"answer": " ", "word": "ALLOW"})
    allowed = send(client, f"{address}/allow", {"answer": "Registered.", "word": "allow"})

    assert "Look at the reviews" in overview and "1 review waits" in listed
    assert "has used 50 of 50 in its ledger. With this it would be 58." in page
    assert "Sex: &lt;b&gt;Female" in page and "Registered &lt;i&gt;before" in page and "Age, by week" in page
    rows = re.findall(r'role="row"[^>]*>(.*?)</tr>', page, re.DOTALL)
    numbers = [re.findall(r"<span>(\d+)</span>", row) for row in rows[1:6]]
    assert numbers == [["50", "76"], ["50", "76"], ["58", "78"], ["100", "84"], ["150", "89"]]
    assert (mistyped.status_code, silent.status_code, allowed.status_code) == (422, 422, 303)
    with room.app_context(), reading("workbench") as connection:
        row = find_review(connection, review)
        document = allowance(row, study=room.house.study, custody_public=room.house.keys.public, now=datetime.now(UTC))
    assert (document.reach, [block.item for block in document.blocks]) == (58, ["evening.pain_average"])
    assert "Registered." in get(client, address).text
    assert get(client, f"{address}/allow").status_code == 409


def test_a_review_is_refused_with_a_sentence(room, review):
    client, address = signed_in(room, "Carla"), f"/reviews/{review}"

    empty = send(client, f"{address}/refuse", {"answer": " "}, page=address)
    refused = send(client, f"{address}/refuse", {"answer": "Not in your plan."}, page=address)
    late = send(client, f"{address}/refuse", {"answer": "Once more."}, page="/codes/")

    assert (empty.status_code, refused.status_code, late.status_code) == (422, 303, 409)
    assert "Not in your plan." in get(client, address).text


def test_a_request_is_refused_with_its_reason(room):
    client = signed_in(room, "Carla")
    address = f"/requests/{room.house.asked}"

    empty = send(client, f"{address}/refuse", {"reason": " ", "revision": "1"}, page=address)
    long = send(client, f"{address}/refuse", {"reason": "x" * 10_000, "revision": "1"}, page=address)
    refused = send(client, f"{address}/refuse", {"reason": "The vote is missing.", "revision": "1"}, page=address)

    assert (empty.status_code, long.status_code, refused.status_code) == (422, 422, 303)
    with room.app_context(), reading("workbench") as connection:
        assert find_application(connection, room.house.asked)["decision"] == "refused"


def test_an_approval_is_changed_by_a_typed_word(room):
    client = signed_in(room, "Carla")
    address = f"/requests/{room.house.asked}"
    place = send(client, f"{address}/approve", TERMS | {"word": "APPROVE"}, page=address).headers["Location"]
    why = {"reason": "Agreed by telephone.", "expires_on": (NOW + timedelta(days=200)).date().isoformat()}

    codes = [
        send(client, f"{place}/{act}", why | {"word": act.upper()}).status_code
        for act in ("suspend", "resume", "renew", "end")
    ]
    again = get(client, f"{place}/end")
    unknown = get(client, f"{place}/burn")

    assert codes == [303] * 4
    assert (again.status_code, unknown.status_code) == (409, 404)
    page = get(client, place).text
    assert all(word in page for word in ("Approved", "Suspended", "Resumed", "Renewed", "Ended", "Carla"))


@pytest.mark.parametrize("act", ["suspend", "resume", "renew", "end"])
def test_a_change_without_its_word_or_reason_changes_nothing(room, act):
    client = signed_in(room, "Carla")
    address = f"/requests/{room.house.asked}"
    place = send(client, f"{address}/approve", TERMS | {"word": "APPROVE"}, page=address).headers["Location"]
    if act == "resume":
        send(client, f"{place}/suspend", {"reason": "So.", "word": "SUSPEND"})

    until = (NOW + timedelta(days=200)).date().isoformat()
    answers = [
        send(client, f"{place}/{act}", {"reason": reason, "word": word, "expires_on": until}, page=f"{place}/{act}")
        for reason, word in (("So.", "yes"), ("", act.upper()), ("x" * 501, act.upper()))
    ]

    assert [one.status_code for one in answers] == [422] * 3


def test_codes_are_shown_once(room):
    client = signed_in(room, "Carla")
    until = (NOW + timedelta(days=60)).date().isoformat()

    sheet = send(client, "/codes/", {"site": "NS", "count": "4", "expires_on": until, "paper": "screen"})
    after = get(client, "/codes/")

    codes = re.findall(r"<code>([0-9A-Z-]{14})</code>", sheet.text)
    assert len(set(codes)) == 4 and not any(code in after.text for code in codes)
    assert "no-store" in sheet.headers["Cache-Control"]


def test_a_snapshot_is_published_and_the_second_needs_a_named_exception(room):
    client, shelf = signed_in(room, "Carla"), room.house.shelf

    first = send(client, "/snapshots/", {"word": "PUBLISH"})
    too_soon = send(client, "/snapshots/", {"word": "PUBLISH"})
    invented = send(client, "/snapshots/", {"word": "PUBLISH", "exception": "none"})
    excepted = send(client, "/snapshots/", {"word": "PUBLISH", "exception": "demonstration"})

    assert [page.status_code for page in (first, too_soon, invented, excepted)] == [303, 422, 422, 303]
    assert published(shelf) == (1, 2)


def test_counts_and_trail_are_made_when_asked_for(room):
    client = signed_in(room, "Carla")

    counts, trail = send(client, "/counts/"), send(client, "/trail/")

    assert "Every entry is in its place" in counts.text
    assert trail.text.count("Whole") == 3
    assert "custody · Carla" in trail.text and "put the wrapped seeds" in trail.text


def test_the_certificate_of_an_erasure_can_be_taken_along_and_verified(room):
    from studyportal.custody.erasure.actions import Means, carry_through

    house, client = room.house, signed_in(room, "Carla")
    with room.app_context():
        asked = house.withdrawal(house.participant(), "erase", now=NOW)
        stopped = house.withdrawal(house.participant(), "stop", now=NOW)
        for one in (asked, stopped):
            carry_through(
                one, Means(key_file=house.key_file, shelf=house.shelf, protocol=house.protocol, actor=COMMAND, now=NOW)
            )

    page, file = get(client, "/withdrawals/"), get(client, f"/withdrawals/{asked}/certificate")

    paper = msgspec.json.decode(file.data, type=SignedCertificate)
    verify("studyportal erasure", paper.certificate.encode(), paper.signature, public=house.keys.public)
    assert f"/withdrawals/{asked}/certificate" in page.text and f"{stopped}/certificate" not in page.text
    assert get(client, f"/withdrawals/{stopped}/certificate").status_code == 404
    assert "attachment" in file.headers["Content-Disposition"]


def test_no_page_shows_an_answer_or_an_enrolment(room):
    client = signed_in(room, "Carla")
    send(client, "/counts/")

    text = "".join(get(client, path).text for path in PAGES) + send(client, "/counts/").text

    assert "met Ada" not in text


def test_a_key_file_that_others_can_read_keeps_the_room_from_starting(room):
    from studyportal.errors import Unsafe
    from studyportal.web.here import here

    settings = here(room).settings
    settings.key_file.chmod(0o644)

    with pytest.raises(Unsafe):
        create_app(settings)
