"""Styles and scripts come from our own origin, packed, and only the ones that we mean to serve."""

import gzip
import re

from tests.web.conftest import Room


def test_a_named_version_may_be_kept_for_a_year_and_others_are_checked_again(room: Room) -> None:
    client = room.client()
    address = re.search(r"/static/portal\.css\?v=\w+", client.get("/sign-in").get_data(as_text=True))[0]

    named, unnamed, wrong = client.get(address), client.get("/static/portal.css"), client.get("/static/portal.css?v=1")

    assert "immutable" in named.headers["Cache-Control"]
    assert "no-cache" in unnamed.headers["Cache-Control"] and "no-cache" in wrong.headers["Cache-Control"]


def test_a_browser_gets_it_packed_and_anybody_else_plain(room: Room) -> None:
    client = room.client()

    packed = client.get("/static/bootstrap.css", headers={"Accept-Encoding": "gzip"})
    plain = client.get("/static/bootstrap.css")

    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 5
    assert packed.headers["Vary"] == "Accept-Encoding"


def test_what_has_not_changed_is_not_sent_again(room: Room) -> None:
    client = room.client()
    tag = client.get("/static/portal.js").headers["ETag"]

    assert client.get("/static/portal.js", headers={"If-None-Match": tag}).status_code == 304


def test_no_other_file_is_served(room: Room) -> None:
    client = room.client()

    for path in ("../room.py", "..%2froom.py", "%2e%2e/room.py", "bootstrap.min.css.map", "none"):
        assert client.get(f"/static/{path}").status_code == 404
