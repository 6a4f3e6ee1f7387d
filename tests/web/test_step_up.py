"""What reaches far asks for a second factor again, loses nothing that was typed, and leaves a copied cookie behind."""

import re
from html import unescape

import pytest

from studyportal.audit.tables import AUDIT_EVENTS
from studyportal.web.sign_in.tables import SIGN_IN
from tests.web.conftest import (
    BIND,
    SAME_ORIGIN,
    Clock,
    Room,
    cookie,
    factors_of,
    form_token,
    hire,
    rows,
    sign_in,
)


@pytest.fixture
def client(room: Room, time: Clock):
    """Ada's browser, six minutes after she signed in."""
    hire(room)
    browser = room.client()
    sign_in(browser)
    time.wait(minutes=6)
    return browser


def page_after(client, path: str, fields: dict | None = None, *, token: str = ""):
    """Send a form (or open a page) that needs freshness, and follow to the page that asks."""
    if fields is None:
        answer = client.get(path)
        assert answer.status_code == 303
        return client.get(answer.headers["Location"])
    data = {"csrf_token": token or form_token(client, "/"), **fields}
    answer = client.post(path, data=data, headers=SAME_ORIGIN)
    assert answer.status_code == 307
    return client.post(answer.headers["Location"], data=data, headers=SAME_ORIGIN)


def show_again(client, page, code: str | None = None, **more):
    """Fill in the page that asks, as a browser would."""
    form = page.text[page.text.rindex("<form") :]
    action = unescape(re.search(r'action="([^"]+)"', form)[1])
    hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
    fields: dict[str, list[str]] = {}
    for name, value in hidden:
        fields.setdefault(unescape(name), []).append(unescape(value))
    return client.post(
        action, data=fields | {"step_up_code": code or factors_of().next_code()} | more, headers=SAME_ORIGIN
    ), fields


def test_soon_after_the_sign_in_nothing_is_asked(room: Room, time: Clock) -> None:
    hire(room)
    client = room.client()
    sign_in(client)
    time.wait(minutes=5)

    assert client.get("/sign").status_code == 200


def test_later_the_page_says_what_for_and_leads_back(client) -> None:
    page = page_after(client, "/sign?report=7&report=8")
    answer, _ = show_again(client, page)

    assert "Before you sign your report" in page.text
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign?report=7&report=8")
    assert client.get(answer.headers["Location"]).json == [{"report": ["7", "8"]}, {}]


def test_nothing_that_was_typed_is_lost(client) -> None:
    typed = {"reason": 'Line one\r\n"><script>x</script> \u05d0\U0001f600', "items": ["a", "b"], "empty": ""}
    page = page_after(client, "/sign?report=7", typed)
    answer, fields = show_again(client, page)

    body = {"csrf_token": fields["csrf_token"], **{name: fields[name] for name in typed}}
    after = client.post(answer.headers["Location"], data=body, headers=SAME_ORIGIN)

    assert "<script>x" not in page.text and "is kept and sent afterwards" in page.text
    assert answer.status_code == 307
    assert after.json[0] == {"report": ["7"]}
    assert {name: after.json[1][name] for name in typed} == {
        "reason": [typed["reason"]], "items": ["a", "b"], "empty": [""],
    }  # fmt: skip


def test_a_wrong_code_keeps_what_was_typed_too(client) -> None:
    page = page_after(client, "/sign", {"reason": "Because"})

    wrong, _ = show_again(client, page, "000000")
    answer, fields = show_again(client, wrong)

    assert wrong.status_code == 401 and "does not fit" in wrong.text
    assert answer.status_code == 307 and fields["reason"] == ["Because"]


def test_the_session_goes_on_under_a_new_id_and_a_copied_cookie_is_dead(room: Room, client, time: Clock) -> None:
    thief, before = room.client(), cookie(client)
    thief.set_cookie("__Host-clinic", before)
    assert thief.get("/").status_code == 200

    show_again(client, page_after(client, "/sign"))

    assert cookie(client) != before
    assert thief.get("/").status_code == 401
    assert client.get("/").status_code == client.get("/sign").status_code == 200
    assert len(rows(room, SIGN_IN[BIND].sessions)) == 1
    time.wait(minutes=6)
    assert client.get("/sign").status_code == 303


def test_the_eight_hours_go_on_from_the_sign_in(room: Room, client) -> None:
    (before,) = rows(room, SIGN_IN[BIND].sessions)

    show_again(client, page_after(client, "/sign"))

    (after,) = rows(room, SIGN_IN[BIND].sessions)
    assert (after.id, after.expires_at) == (before.id, before.expires_at)
    assert after.fresh_at > before.fresh_at


def test_a_code_that_signed_in_does_not_do_again(room: Room, time: Clock) -> None:
    hire(room)
    client = room.client()
    sign_in(client)
    time.wait(minutes=6)
    first = factors_of().next_code()
    show_again(client, page_after(client, "/sign"), first)
    time.wait(minutes=6)

    again, _ = show_again(client, page_after(client, "/sign"), first)

    assert again.status_code == 401


def test_guesses_end_here_too(client) -> None:
    page = page_after(client, "/sign")

    statuses = [show_again(client, page, "000000")[0].status_code for _ in range(6)]

    assert statuses == [401] * 5 + [429]


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "evil",
        "",
        "/nowhere",
        "javascript:alert(1)",
        "/sign-out",
    ],
)
def test_it_goes_on_to_pages_of_this_room_only(client, wanted: str) -> None:
    page = client.get("/step-up", query_string={"next": wanted})
    answer, _ = show_again(client, page)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_a_script_is_refused_rather_than_led_away(client) -> None:
    headers = SAME_ORIGIN | {"Accept": "application/json", "X-CSRFToken": form_token(client, "/")}

    answer = client.post("/your-sign-in/passkey/challenge", headers=headers)

    assert answer.status_code == 403
    assert answer.json["kind"] == "NotFresh"


def test_a_role_that_may_not_is_refused_before_anything_is_asked(room: Room, time: Clock) -> None:
    hire(room, name="Bo Berg", role="coordinator")
    client = room.client()
    sign_in(client, name="Bo Berg")
    time.wait(minutes=6)

    assert client.get("/sign").status_code == 403


def test_it_is_in_the_trail(room: Room, client) -> None:
    show_again(client, page_after(client, "/sign"))

    last = rows(room, AUDIT_EVENTS[BIND])[-1]

    assert (last.action, last.detail) == ("session:fresh", '{"how":"totp"}')


def test_another_site_cannot_put_a_form_into_the_page(client) -> None:
    answer = client.post("/sign", data={"reason": "theirs"}, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
