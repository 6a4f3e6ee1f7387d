"""A web push opens in one browser alone, and its sender is shown to one service, for half a day."""

import base64
import json
from datetime import UTC, datetime, timedelta

import http_ece
import pytest
from py_vapid import Vapid02

from studyportal.errors import Invalid
from studyportal.sealing.push import (
    new_push_key,
    push_authorization,
    push_public,
    read_subscriber,
    seal_push,
)
from tests.push_service import Subscribed, text_of

NOW = datetime(2026, 3, 2, 19, 30, tzinfo=UTC)


def subscriber(browser):
    return read_subscriber(browser.whereto.public, browser.whereto.auth)


def test_only_its_browser_opens_a_push_and_only_unaltered():
    browser, other = Subscribed(), Subscribed()

    body = seal_push(b"Your study has something for you.", to=subscriber(browser))

    assert browser.opened(body) == "Your study has something for you."
    assert seal_push(b"", to=subscriber(browser)) != seal_push(b"", to=subscriber(browser))
    for wrong, sealed in ((other, body), (browser, body[:-1] + bytes([body[-1] ^ 1]))):
        with pytest.raises(http_ece.ECEException):
            wrong.opened(sealed)


def test_the_example_of_rfc_8291_opens():
    # https://www.rfc-editor.org/rfc/rfc8291#section-5
    from cryptography.hazmat.primitives.asymmetric import ec

    def raw(text):
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    private = ec.derive_private_key(int.from_bytes(raw("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")), ec.SECP256R1())
    browser = Subscribed(key=private, auth=raw("BTBZMqHH6r4Tts7J_aSIgg"))
    body = raw(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
        "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )

    assert browser.opened(body) == "When I grow up, I want to be a watermelon"


def test_a_sender_is_shown_to_one_service_until_half_a_day_later():
    key = new_push_key()

    header = push_authorization(key, audience="https://push.example.org", contact="it@study.example", now=NOW)

    assert Vapid02.verify(header) and header.endswith(f"k={push_public(key)}")
    claims = json.loads(base64.urlsafe_b64decode(header.split(".")[1] + "=="))
    assert claims == {
        "aud": "https://push.example.org",
        "sub": "mailto:it@study.example",
        "exp": int((NOW + timedelta(hours=12)).timestamp()),
    }


@pytest.mark.parametrize("key", [b"", bytes(32), b"\xff" * 32, bytes(31), bytes(33)])
def test_a_key_that_is_none_is_refused(key):
    with pytest.raises(Invalid):
        push_public(key)


@pytest.mark.parametrize(
    ("public", "auth"),
    [("", ""), ("AAAA", "AAAA"), (text_of(b"\4" + bytes(64)), text_of(bytes(16))), ("ä", "%"), ("A" * 87, "A" * 22)],
)
def test_a_browser_without_a_usable_key_is_refused(public, auth):
    with pytest.raises(Invalid):
        read_subscriber(public, auth)
