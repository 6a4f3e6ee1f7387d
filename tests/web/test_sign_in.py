"""Staff sign in with a passphrase; whoever has none learns nothing, and a session ends when it is told to."""

from collections import Counter
from typing import Any
from unittest.mock import patch

import pytest
import sqlalchemy as sa

from studyportal.audit import verify
from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.database import reading, writing
from studyportal.errors import Conflict, Invalid
from studyportal.sealing.sessions import token_hash
from studyportal.web.sign_in import actions, passphrases
from studyportal.web.sign_in.tables import SIGN_IN
from tests.web.conftest import (
    BIND,
    COMMAND,
    NOW,
    PASSPHRASE,
    REAL_HASHER,
    SAME_ORIGIN,
    Clock,
    Room,
    cookie,
    hire,
    send,
    sign_in,
)

SESSIONS = SIGN_IN[BIND].sessions


def _rows(room: Room, table: sa.Table) -> list[sa.Row]:
    with room.app.app_context(), reading(BIND) as connection:
        return list(connection.execute(sa.select(table)))


def test_a_clinician_signs_in_whatever_the_case_of_the_name(room: Room) -> None:
    hire(room, name="Dr Ada Lindqvist")
    client = room.client()

    response = sign_in(client, name="  dr ADA   lindqvist ")

    assert (response.status_code, response.headers["Location"]) == (303, "/")
    assert client.get("/").status_code == 200


def test_an_unknown_name_and_a_wrong_passphrase_get_the_same_answer(room: Room) -> None:
    hire(room)
    client = room.client()

    wrong = sign_in(client, passphrase="not the right one at all")
    unknown = sign_in(client, name="Dr Ida Lindqvist")

    assert wrong.status_code == unknown.status_code == 401
    same = [
        page.get_data(as_text=True).replace("Dr Ada", "Dr X").replace("Dr Ida", "Dr X").split('name="csrf_token"')
        for page in (wrong, unknown)
    ]
    assert same[0][0] == same[1][0]
    assert same[0][-1].split(">", 1)[1] == same[1][-1].split(">", 1)[1]
    assert set(wrong.headers.keys()) == set(unknown.headers.keys())


def _ended(connection: sa.Connection) -> Any:
    about = {"name": "Ended Already", "role": "clinician", "site": "NS", "own_words": (), "actor": COMMAND}
    return actions.add_account(connection, BIND, **about, passphrase=PASSPHRASE, now=NOW)


def test_an_unknown_name_costs_one_hash_like_a_known_one(room: Room) -> None:
    hire(room)
    with room.app.app_context(), writing(BIND) as connection:
        who = {"name": "Invited Only", "role": "clinician", "site": "NS", "actor": COMMAND}
        actions.invite(connection, BIND, **who, now=NOW)
        actions.end_account(connection, BIND, _ended(connection), actor=COMMAND, now=NOW)
    client = room.client()
    with patch("studyportal.web.sign_in.passphrases._HASHER") as hasher:
        hasher.verify.return_value = False
        hasher.hash.return_value = "stored"

        for name in ("Dr Ada Lindqvist", "Nobody", "no\x00body", "Invited Only", "Ended Already"):
            sign_in(client, name=name)

    assert hasher.verify.call_count == 5


def test_the_stand_in_hash_opens_nothing(room: Room) -> None:
    client = room.client()

    response = sign_in(
        client, passphrase="nobody's passphrase, hashed so that an unknown name takes as long as a known one"
    )

    assert response.status_code == 401


def test_the_database_keeps_no_token_and_no_passphrase(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passphrases, "_HASHER", REAL_HASHER)
    hire(room)
    client = room.client()
    sign_in(client)

    (session,) = _rows(room, SESSIONS)
    (account,) = _rows(room, SIGN_IN[BIND].accounts)

    assert session.token_hash == token_hash(cookie(client) or "")
    assert len(cookie(client) or "") >= 43
    assert PASSPHRASE not in repr(account)
    assert account.passphrase_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_every_sign_in_makes_a_new_session_and_ends_the_one_before(room: Room) -> None:
    hire(room)
    client, thief = room.client(), room.client()
    sign_in(client)
    first = cookie(client)
    sign_in(client, token_from="/open")

    thief.set_cookie("__Host-clinic", first or "")

    assert cookie(client) != first
    assert thief.get("/").status_code == 401
    assert client.get("/").status_code == 200


def test_a_session_that_a_stranger_brings_is_not_taken_over(room: Room) -> None:
    hire(room)
    client = room.client()
    client.set_cookie("__Host-clinic", "chosen-by-a-stranger")

    sign_in(client)

    assert cookie(client) != "chosen-by-a-stranger"


def test_a_copied_cookie_is_dead_at_once_when_its_owner_signs_out(room: Room) -> None:
    hire(room)
    client, thief = room.client(), room.client()
    sign_in(client)
    thief.set_cookie("__Host-clinic", cookie(client) or "")
    assert thief.get("/").status_code == 200

    response = send(client, "/sign-out", token_from="/")

    assert response.status_code == 303
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert cookie(client) is None
    assert thief.get("/").status_code == client.get("/").status_code == 401


def test_signing_out_is_no_link(room: Room) -> None:
    hire(room)
    client = room.client()
    sign_in(client)

    assert client.get("/sign-out").status_code == 405
    assert client.get("/").status_code == 200


def test_a_session_ends_after_a_quarter_of_an_hour_without_use(room: Room, time: Clock) -> None:
    hire(room)
    client = room.client()
    sign_in(client)

    time.wait(minutes=14)
    used = client.get("/").status_code
    time.wait(minutes=14)
    used_again = client.get("/").status_code
    time.wait(minutes=15)

    assert (used, used_again, client.get("/").status_code) == (200, 200, 401)


def test_a_session_ends_after_eight_hours_however_much_it_is_used(room: Room, time: Clock) -> None:
    hire(room)
    client = room.client()
    sign_in(client)

    seen = []
    for _ in range(49):
        time.wait(minutes=10)
        seen.append(client.get("/").status_code)

    assert seen == [200] * 47 + [401] * 2


def test_ending_an_account_ends_its_sessions_and_its_sign_in(room: Room) -> None:
    account = hire(room)
    client = room.client()
    sign_in(client)
    with room.app.app_context(), writing(BIND) as connection:
        actions.end_account(connection, BIND, account, actor=COMMAND, now=NOW)

    assert client.get("/").status_code == 401
    assert sign_in(room.client()).status_code == 401


def test_an_account_that_ends_while_its_passphrase_is_checked_gets_no_session(room: Room) -> None:
    account = hire(room)

    def end_meanwhile(passphrase: str, stored: str | None) -> bool:
        with writing(BIND) as connection:
            actions.end_account(connection, BIND, account, actor=COMMAND, now=NOW)
        return True

    with patch("studyportal.web.sign_in.arriving.is_passphrase", end_meanwhile):
        response = sign_in(room.client())

    assert response.status_code == 401
    assert _rows(room, SESSIONS) == []


def test_a_clinician_sees_and_ends_their_own_sessions(room: Room) -> None:
    hire(room)
    here, elsewhere = room.client(), room.client()
    sign_in(here)
    sign_in(elsewhere)
    other = next(row for row in _rows(room, SESSIONS) if row.token_hash == token_hash(cookie(elsewhere) or ""))

    page = here.get("/sessions").get_data(as_text=True)
    response = send(here, f"/sessions/{other.id}/end", token_from="/sessions")

    assert "This one" in page and "Elsewhere" in page
    assert cookie(here) not in page and cookie(elsewhere) not in page
    assert response.status_code == 303
    assert elsewhere.get("/").status_code == 401
    assert here.get("/").status_code == 200


def test_a_clinician_cannot_end_a_colleagues_session(room: Room) -> None:
    hire(room)
    hire(room, name="Bo Berg", role="coordinator")
    colleague, clinician = room.client(), room.client()
    sign_in(colleague, name="Bo Berg")
    (theirs,) = _rows(room, SESSIONS)
    sign_in(clinician)

    response = send(clinician, f"/sessions/{theirs.id}/end", token_from="/sessions")

    assert response.status_code == 404
    assert colleague.get("/").status_code == 200


def test_whoever_is_signed_in_is_led_past_the_sign_in_page(room: Room) -> None:
    hire(room)
    client = room.client()
    sign_in(client)

    assert client.get("/sign-in").headers["Location"] == "/"


def test_a_sign_in_from_another_site_is_refused(room: Room) -> None:
    hire(room)
    client = room.client()

    response = client.post(
        "/sign-in",
        data={"name": "Dr Ada Lindqvist", "passphrase": PASSPHRASE},
        headers={"Sec-Fetch-Site": "cross-site"},
    )

    assert response.status_code == 403


def test_an_empty_form_says_what_to_type(room: Room) -> None:
    response = sign_in(room.client(), name="", passphrase="")

    assert response.status_code == 422
    page = response.get_data(as_text=True)
    assert 'href="#name"' in page and 'href="#passphrase"' in page


def test_what_was_typed_is_shown_as_text_and_the_passphrase_not_at_all(room: Room) -> None:
    page = sign_in(room.client(), name='"><script>x</script>', passphrase="typed-passphrase").get_data(as_text=True)

    assert "<script>x" not in page
    assert "typed-passphrase" not in page


def test_everything_that_happens_is_in_the_trail_once(room: Room) -> None:
    account = hire(room)
    client = room.client()
    sign_in(client, passphrase="wrong wrong wrong")
    sign_in(client, name="a passphrase typed as a name")
    sign_in(client)
    send(client, "/sign-out", token_from="/")

    events = _rows(room, AUDIT_EVENTS[BIND])

    assert Counter(row.action for row in events) == {
        "account:create": 1,
        "session:refuse": 2,
        "session:start": 1,
        "session:end": 1,
    }
    assert [row.actor_id for row in events if row.action == "session:start"] == [str(account)]
    assert "typed as a name" not in repr(events)
    with room.app.app_context(), reading(BIND) as connection:
        assert verify(connection, BIND).whole


def test_two_accounts_cannot_share_a_name(room: Room) -> None:
    hire(room, name="Ada")

    with pytest.raises(Conflict):
        hire(room, name=" ADA ")


@pytest.mark.parametrize(("name", "role"), [("A", "clinician"), ("Ada\x00Ada", "clinician"), ("Ada", "participant")])
def test_an_unfit_account_is_not_made(room: Room, name: str, role: str) -> None:
    with pytest.raises(Invalid):
        hire(room, name=name, role=role)


def test_the_log_names_nobody(room: Room) -> None:
    hire(room)
    client = room.client()
    sign_in(client)
    client.post("/sign-in", headers=SAME_ORIGIN)

    written = room.log.read_text()

    assert "Ada" not in written and PASSPHRASE not in written and "127.0.0.1" not in written
    assert cookie(client) not in written
