"""A participant's passkey signs in, reads nothing before the six words, names nobody, and goes when they are
replaced."""

import json
import re
from base64 import urlsafe_b64decode
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from studyportal.database import reading, writing
from studyportal.errors import NotSignedIn
from studyportal.intake.enrolment import passkeys
from studyportal.intake.enrolment.sessions import caller_of
from studyportal.intake.enrolment.sign_in import add_own_device
from studyportal.registry.passkey_tables import PARTICIPANT_CHALLENGES, PARTICIPANT_PASSKEYS
from studyportal.registry.passkeys import add_challenge, add_passkey
from studyportal.registry.sessions import caller
from studyportal.registry.tables import PARTICIPANT_SESSIONS
from studyportal.sealing.sessions import new_token, token_bytes, token_hash
from studyportal.web.sign_in.passkeys import Party, made, question, request_for_new
from tests.authenticator import Authenticator, tampered
from tests.intake.conftest import NOW, ORIGIN, Browser, hidden, inside

PARTY = Party("localhost", ORIGIN)


def asked(browser, path, page):
    """What the browser is asked to sign or to make."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    return browser.client.post(path, base_url=ORIGIN, headers=browser.origin | {"X-CSRFToken": token})


def add_one(browser, claimed, **how):
    """Add a passkey by the pages: (the key, what it was told)."""
    key = Authenticator(ORIGIN, **how)
    begun = browser.post("/passkeys/new", {"device": "phone", "passphrase": claimed.passphrase})
    assert begun.headers["Location"] == "/passkeys/make"
    page = browser.get("/passkeys/make").text
    told = asked(browser, "/passkeys/make/challenge", page).json
    assert browser.post("/passkeys/make", {"answer": key.create(told)}, page=page).status_code == 303
    return key, told


def sign_in(browser, key, answer=None, **more):
    """Sign in by passkey; `answer` changes what it says."""
    page = browser.get("/sign-in").text
    told = key.get(asked(browser, "/sign-in/passkey/challenge", page).json)
    return browser.post("/sign-in/passkey", {"answer": answer(told) if answer else told} | more, page=page)


@pytest.fixture
def owner(room):
    """(app, claimed, passkey): somebody who has added one, and is signed in nowhere."""
    study, app = room
    claimed, browser = inside(app, study.participant), Browser(app)
    browser.sign_in(claimed)
    key, _ = add_one(browser, claimed)
    browser.post("/sign-out", {}, page=browser.get("/").text)
    return app, claimed, key


def rows(app, table):
    with app.app_context(), reading("registry") as connection:
        return connection.execute(sa.select(table)).all()


def test_what_the_device_keeps_names_nobody_and_the_server_learns_no_account_before_it_signs(room):
    study, app = room
    claimed, browser = inside(app, study.participant), Browser(app)
    browser.sign_in(claimed)

    _, told = add_one(browser, claimed)
    question = asked(Browser(app), "/sign-in/passkey/challenge", Browser(app).get("/sign-in").text)

    handle = urlsafe_b64decode(told["user"]["id"] + "==")
    assert (told["rp"]["name"], told["user"]["name"]) == ("Diary", "Diary, my phone")
    assert len(handle) == 16 and handle != claimed.enrolment.bytes
    assert claimed.participant_code not in json.dumps(told)
    assert told["authenticatorSelection"] == {
        "requireResidentKey": True, "residentKey": "required", "userVerification": "required"
    }  # fmt: skip
    assert question.status_code == 400  # the form's token of another browser
    assert "My phone" in browser.get("/sessions").text


def test_it_signs_in_for_the_diary_and_the_words_open_the_rest_once(owner):
    app, claimed, key = owner
    browser = Browser(app)

    entered = sign_in(browser, key, stay="y")
    page = browser.get("/diary/evening/1").text
    sent = browser.post("/diary/evening/1", hidden(page) | {"pain_average": "9"}, page=page)
    again = browser.post("/diary/evening/1", hidden(page) | {"pain_average": "9"}, page=page)
    asks = browser.get("/course?month=2026-03")
    address = asks.headers["Location"]
    wrong = browser.post(address, {"opening_words": "six other words than the right ones"})
    before = browser.client.get_cookie("__Host-intake", domain="localhost").value
    opened = browser.post(address, {"opening_words": claimed.passphrase.upper()})
    after = browser.client.get_cookie("__Host-intake", domain="localhost").value

    assert (entered.status_code, entered.headers["Location"]) == (303, "/")
    assert "Max-Age=2592000" in entered.headers["Set-Cookie"]
    assert sent.status_code == 200 and "It is kept" in sent.text and "You can call" in sent.text
    assert again.status_code == 200 and "It is kept" in again.text
    assert asks.status_code == 303 and address.startswith("/your-words?next=")
    assert wrong.status_code == 422 and "These are not your six words" in wrong.text
    assert (opened.status_code, opened.headers["Location"]) == (303, "/course?month=2026-03")
    assert before != after and "Max-Age=2592000" in opened.headers["Set-Cookie"]
    assert "Average pain" in browser.get("/course").text
    assert browser.get("/check").status_code == browser.get("/messages/").status_code == 200
    browser.client.set_cookie("__Host-intake", before, domain="localhost", secure=True)
    assert browser.get("/course").status_code == 401


@pytest.mark.parametrize(
    "path", ["/course", "/course/picture.svg", "/download", "/check", "/messages/", "/follow/follow_up"]
)
def test_every_page_that_opens_entries_asks_for_the_words_first(owner, path):
    app, _, key = owner
    browser = Browser(app)
    sign_in(browser, key)

    refused = browser.get(path)

    assert refused.status_code == 303 and refused.headers["Location"].startswith("/your-words?next=")
    assert browser.get(path, headers={"Accept": "application/json"}).status_code == 403


def test_a_form_that_is_interrupted_goes_on_whole_and_only_inside_this_room(owner):
    app, claimed, key = owner
    browser = Browser(app)
    sign_in(browser, key)

    page = browser.get("/").text
    sent = browser.post("/messages/", {"message": str(uuid4()), "text": "SECRETNOTE"}, page=page)
    asks = browser.post(sent.headers["Location"], {"message": "1", "text": "SECRETNOTE"}, page=page)
    away = browser.post("/your-words?next=//elsewhere.example/", {"opening_words": claimed.passphrase}, page=page)

    assert sent.status_code == 307
    assert 'name="text" value="SECRETNOTE"' in asks.text and "What you typed is sent afterwards." in asks.text
    assert away.headers["Location"] == "/course"


def test_whatever_does_not_hold_is_refused_in_the_same_words(owner):
    app, _, key = owner
    study_browser, stranger = Browser(app), Authenticator(ORIGIN)
    stranger.handle = key.handle
    browser = Browser(app)
    challenged = browser.get("/sign-in").text
    kept = key.get(asked(browser, "/sign-in/passkey/challenge", challenged).json)

    said = {
        "an unknown passkey": sign_in(browser, stranger),
        "a wrong signature": sign_in(browser, key, lambda told: tampered(told, "signature")),
        "somebody else's handle": sign_in(browser, key, lambda told: tampered(told, "userHandle")),
        "no handle": sign_in(browser, key, lambda told: json.dumps(without_handle(told))),
        "an answer to another challenge": sign_in(browser, key, lambda told: kept),
        "another browser's challenge": study_browser.post(
            "/sign-in/passkey", {"answer": kept}, page=study_browser.get("/sign-in").text
        ),
        "nothing": sign_in(browser, key, lambda told: "{}"),
        "no fingerprint": sign_in(browser, without_finger(key)),
        "another host": sign_in(browser, from_host(key, "elsewhere.example")),
    }

    assert {one.status_code for one in said.values()} == {401}, said
    errors = {re.search(r'role="alert".*?</div>', one.text, re.DOTALL)[0] for one in said.values()}
    assert len(errors) == 1 and passkeys.WRONG in errors.pop()
    assert [row for row in rows(app, PARTICIPANT_SESSIONS) if row.kind == "passkey"] == []


def without_handle(told):
    told = json.loads(told)
    told["response"]["userHandle"] = None
    return told


def _like(key, **changes):
    made = Authenticator(ORIGIN)
    made.__dict__ |= key.__dict__ | changes
    return made


def without_finger(key):
    return _like(key, _flags=0x01)


def from_host(key, host):
    return _like(key, host=host, origin=f"https://{host}")


def test_a_copy_of_a_passkey_that_counts_is_noticed(room):
    study, app = room
    claimed, browser = inside(app, study.participant), Browser(app)
    browser.sign_in(claimed)
    key, _ = add_one(browser, claimed, counts=True)
    copy = _like(key)

    first, second = sign_in(Browser(app), key), sign_in(Browser(app), copy)

    assert (first.status_code, second.status_code) == (303, 401)


def test_adding_and_removing_ask_for_the_words_and_somebody_elses_is_not_there(owner, room):
    study, _ = room
    app, claimed, key = owner
    (one,) = rows(app, PARTICIPANT_PASSKEYS)
    other, browser = inside(app, study.participant), Browser(app)
    browser.sign_in(other)
    stranger = browser.post(
        "/passkeys/remove", {"passkey": str(one.id), "passphrase": other.passphrase}, page=browser.get("/sessions").text
    )
    mine = Browser(app)
    sign_in(mine, key)
    page = mine.get("/sessions").text

    unwordy = mine.post("/passkeys/new", {"device": "phone", "passphrase": "no"})
    asks = mine.post("/passkeys/remove", {"passkey": str(one.id)}, page=page)
    wrong = mine.post("/passkeys/remove", {"passkey": str(one.id), "passphrase": "not these"}, page=page)
    kept = len(rows(app, PARTICIPANT_PASSKEYS))
    removed = mine.post("/passkeys/remove", {"passkey": str(one.id), "passphrase": claimed.passphrase}, page=page)

    assert stranger.status_code == 404
    assert unwordy.status_code == 422 and "These are not your six words" in unwordy.text
    assert asks.status_code == 200 and "Remove this passkey" in asks.text
    assert (wrong.status_code, kept) == (422, 1)
    assert removed.status_code == 303 and rows(app, PARTICIPANT_PASSKEYS) == []
    assert sign_in(Browser(app), key).status_code == 401


def test_removing_one_ends_what_it_began_and_nothing_else(owner):
    app, claimed, key = owner
    (one,) = rows(app, PARTICIPANT_PASSKEYS)
    lost, opened, mine = Browser(app), Browser(app), Browser(app)
    sign_in(lost, key)
    sign_in(opened, key)
    opened.post(opened.get("/course").headers["Location"], {"opening_words": claimed.passphrase})
    mine.sign_in(claimed)
    other, _ = add_one(mine, claimed)
    sign_in(kept := Browser(app), other)

    removed = mine.post(
        "/passkeys/remove", {"passkey": str(one.id), "passphrase": claimed.passphrase}, page=mine.get("/sessions").text
    )

    assert removed.headers["Location"] == "/sessions"
    assert [browser.get("/sessions").status_code for browser in (mine, kept, lost, opened)] == [200, 200, 401, 401]


def test_whoever_removes_the_one_that_signed_them_in_is_signed_out_with_its_device(owner):
    app, claimed, key = owner
    (one,) = rows(app, PARTICIPANT_PASSKEYS)
    browser = Browser(app)
    sign_in(browser, key, stay="y")
    with app.app_context():
        token = browser.client.get_cookie("__Host-intake", domain="localhost").value
        with reading("registry") as connection:
            row = caller(connection, token_hash(token), required_scopes=("study",))
        device = add_own_device(caller_of(row, token_hash(token), now=NOW), now=NOW)

    page = browser.get("/sessions").text
    left = browser.post("/passkeys/remove", {"passkey": str(one.id), "passphrase": claimed.passphrase}, page=page)

    assert left.headers["Location"] == "/sign-in" and "The passkey is removed" in browser.get("/sign-in").text
    assert browser.get("/sessions").status_code == 401
    (sent,) = [row for row in rows(app, PARTICIPANT_SESSIONS) if row.token_hash == token_hash(device.token)]
    assert sent.ended_at == NOW


def test_what_is_being_made_is_made_once_in_time_and_for_its_own_person(room):
    study, app = room
    claimed, browser = inside(app, study.participant), Browser(app)
    browser.sign_in(claimed)
    key, _ = add_one(browser, claimed)
    page = browser.get("/sessions").text

    twice = browser.post("/passkeys/make", {"answer": "{}"}, page=page)
    browser.post("/passkeys/new", {"device": "phone", "passphrase": claimed.passphrase})
    told = asked(browser, "/passkeys/make/challenge", page).json
    same = browser.post("/passkeys/make", {"answer": key.create(told)}, page=page)
    broken = browser.post("/passkeys/make", {"answer": "{}"}, page=page)
    app.clock = NOW + timedelta(minutes=11)
    late = browser.post("/passkeys/make", {"answer": Authenticator(ORIGIN).create(told)}, page=page)

    assert twice.headers["Location"] == late.headers["Location"] == "/passkeys/new"
    assert told["excludeCredentials"] != []
    assert same.status_code == broken.status_code == 422 and passkeys.NOT_MADE in same.text
    assert len(rows(app, PARTICIPANT_PASSKEYS)) == 1


def test_an_erasure_takes_it_away(owner):
    app, _, key = owner
    browser = Browser(app)
    sign_in(browser, key)

    browser.post("/leave/study/erase", {"word": "ERASE"})

    assert rows(app, PARTICIPANT_PASSKEYS) == []
    assert sign_in(Browser(app), key).status_code == 401


def test_of_two_who_bring_the_same_answer_at_once_one_comes_in(study, building):
    claimed, key, token = study.participant(), Authenticator(ORIGIN), new_token()
    id = uuid4()
    asked_for = request_for_new(b"c" * 32, PARTY, handle=id, name="Diary", place="Diary", known=[])
    new = made(key.create(json.loads(asked_for)), challenge=b"c" * 32, party=PARTY)
    with writing("registry", enrolment=claimed.enrolment) as connection:
        kept = {"credential": new.credential, "public_key": new.public_key, "uses": new.uses}
        add_passkey(connection, id, claimed.enrolment, device="key", **kept, now=NOW)
        add_challenge(connection, token_hash(token), now=NOW)
    answer = key.get(json.loads(question(token_bytes(token), PARTY)))

    def bring(_):
        with building.app_context():
            try:
                how = {"party": PARTY, "lasting": timedelta(hours=1), "address": "192.0.2.1", "secret": "s", "now": NOW}
                return passkeys.sign_in(token, answer, **how).enrolment
            except NotSignedIn:
                return None

    with ThreadPoolExecutor(6) as pool:
        came_in = list(pool.map(bring, range(6)))

    assert sorted(came_in, key=str) == sorted([claimed.enrolment, *[None] * 5], key=str)
    with reading("registry") as connection:
        kinds = connection.scalars(sa.select(PARTICIPANT_SESSIONS.c.kind)).all()
        assert connection.execute(sa.select(PARTICIPANT_CHALLENGES.c.used_at)).scalars().all() == [NOW]
    assert kinds == ["passkey"]
