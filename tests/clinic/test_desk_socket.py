"""The reading desk as the process that it is: `studyportal desk` behind a Unix socket."""

import signal
import socket
import stat
from uuid import uuid4

import pytest

from studyportal.clinic.desk import AskedDesk, over_socket
from studyportal.desk import CLOSED
from studyportal.errors import NotSignedIn, Unavailable, Unsafe
from studyportal.portal.serving import LONGEST_PATH, desk_options
from studyportal.portal.settings import read_settings
from tests.clinic.desk_cast import enrolment_of, pass_of
from tests.journeys.cast import BASELINE, join, write
from tests.journeys.house import House
from tests.portal.processes import desk_running


@pytest.fixture
def desk(tmp_path):
    """A house, its clinician's browser, a participant's enrolment, and the path of a served desk."""
    house = House(tmp_path / "i")
    house.run("site", "add", "NS", "Northside")
    her = join(house)
    write(her, "baseline", BASELINE)
    abe = house.staff("clinic", "Nurse Abe", "clinician", "--site", "NS")
    with desk_running(house.folder) as process:
        yield pass_of(abe), enrolment_of(house, her), read_settings("custody", house.folder).desk, process
    house.close()


def test_the_clinic_reads_through_the_socket_and_through_nothing_else(desk):
    shown, enrolment, path, process = desk

    course = AskedDesk(over_socket(path)).course(shown, enrolment)

    assert [entry.instrument for entry in course.entries][-1] == "baseline"
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    with pytest.raises(NotSignedIn):
        AskedDesk(over_socket(path)).course(type(shown)("no such session", "review"), enrolment)
    for raw in (b"GARBAGE\r\n\r\n", b"GET / HTTP/1.1\r\nHost: desk\r\n\r\n", _post(b"x" * 5000), _post(b"{}")):
        answer = _said(path, raw)
        assert b"HTTP/1.1 4" in answer
        assert str(enrolment).encode() not in answer

    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)

    with pytest.raises(Unavailable) as refusal:
        AskedDesk(over_socket(path)).course(shown, enrolment)
    assert refusal.value.sentence == CLOSED


def _post(body):
    return b"POST / HTTP/1.1\r\nHost: desk\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def _said(path, raw):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(path))
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer


def test_a_socket_whose_path_is_too_long_for_the_system_keeps_the_desk_from_starting(tmp_path):
    settings = read_settings("custody", House(tmp_path / "i").folder)

    with pytest.raises(Unsafe, match=str(LONGEST_PATH)):
        desk_options(settings, tmp_path / str(uuid4()) / ("x" * LONGEST_PATH))
