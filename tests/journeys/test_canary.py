"""The search for a marked answer can fail, so that its silence means something."""

import base64

import pytest

from tests.journeys.canary import traces

MARKER = "Wetterleuchten-7Q4Z-im-Knie"


@pytest.mark.parametrize(
    "written",
    [
        MARKER.encode(),
        MARKER.encode("utf-16-le"),
        MARKER.encode("utf-16-be"),
        MARKER.encode().hex().encode(),
        *(base64.b64encode(b"x" * before + MARKER.encode() + b"y" * 5) for before in range(6)),
        base64.urlsafe_b64encode(b"ab" + MARKER.encode()),
    ],
)
def test_a_marked_answer_is_found_in_every_spelling(tmp_path, written):
    (tmp_path / "page.db").write_bytes(bytes(4096) + written + bytes(100))

    assert traces(MARKER, [tmp_path]) == ["page.db"]


def test_a_file_without_the_marker_is_not_named(tmp_path):
    (tmp_path / "page.db").write_bytes(MARKER[:10].encode() * 50)

    assert traces(MARKER, [tmp_path]) == []


def test_a_search_of_nothing_proves_nothing(tmp_path):
    with pytest.raises(ValueError, match="nothing to search"):
        traces(MARKER, [tmp_path])
