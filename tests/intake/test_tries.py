"""Tries at a participant's code: counted where they come from and before they are hashed, and the owner elsewhere gets
in."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import patch

import pytest

from studyportal.errors import NotSignedIn, TooMany
from studyportal.intake.enrolment import sign_in
from studyportal.sealing.passphrase import derive
from studyportal.web.sign_in.limiter import WINDOW, too_many
from tests.intake.conftest import NOW

SECRET = "a secret of the room, which is 32 characters or longer"
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"
SLOW = "studyportal.intake.enrolment.sign_in.derive"


@pytest.fixture
def her(study):
    return study.participant()


def attempt(code, words="six words that are not hers", *, address=ELSEWHERE, now=NOW):
    try:
        sign_in.recognise(code, words, address=address, secret=SECRET, now=now)
    except (NotSignedIn, TooMany) as refusal:
        return type(refusal).__name__
    return "in"


@pytest.fixture
def quick():
    """Words are derived at once, and wrong, unless they are hers: nothing here is about the time it takes."""
    made = {}

    def derive_once(words, *, salt):
        return made.setdefault((words, salt), derive(words, salt=salt))

    with patch(SLOW, side_effect=derive_once) as hashed:
        yield hashed


def test_a_stranger_elsewhere_locks_nobody_out(her, quick):
    stranger = [attempt(her.participant_code) for _ in range(13)]

    assert stranger == ["NotSignedIn"] * 10 + ["TooMany"] * 3
    assert quick.call_count == 10
    assert attempt(her.participant_code, her.passphrase, address=HOME) == "in"
    assert attempt(her.participant_code, her.passphrase) == "TooMany"
    assert attempt(her.participant_code, her.passphrase, now=NOW + WINDOW) == "in"


def test_the_wait_grows_with_every_ten_wrong_tries_and_right_words_end_it(her, quick):
    start = NOW.replace(hour=16, minute=0)

    def hashed_after(hours):
        now = start + timedelta(hours=hours)
        return Counter(attempt(her.participant_code, now=now) for _ in range(11))["NotSignedIn"]

    assert [hashed_after(hours) for hours in (0, 0.25, 0.5, 3.75)] == [10, 10, 0, 0]
    assert [hashed_after(hours) for hours in (4, 4.25, 7.75)] == [10, 0, 0]
    assert hashed_after(8) == 10  # the next day
    assert attempt(her.participant_code, her.passphrase, now=start + timedelta(hours=8.25)) == "in"
    assert hashed_after(8.25) == 10


def test_the_brake_holds_all_networks_together_to_the_end_of_the_quarter(her, quick):
    with patch.dict("studyportal.web.sign_in.limiter.LIMITS", {"code": 25}):
        many = [attempt(her.participant_code, address=f"203.0.113.{n % 9}") for n in range(200)]
        owner = attempt(her.participant_code, her.passphrase, address=HOME)
        later = attempt(her.participant_code, her.passphrase, address=HOME, now=NOW + WINDOW)

    assert Counter(many) == {"NotSignedIn": 25, "TooMany": 175}
    assert quick.call_count == 25 + 1
    assert (owner, later) == ("TooMany", "in")


def test_one_who_holds_many_addresses_of_a_network_is_one(her, quick):
    near = [attempt(her.participant_code, address=f"2001:db8:1:{n:x}::1") for n in range(13)]

    assert near == ["NotSignedIn"] * 10 + ["TooMany"] * 3
    assert attempt(her.participant_code, address="2001:db8:2::1") == "NotSignedIn"


def test_a_network_that_is_full_is_refused_whatever_it_tries(her, quick):
    with patch.dict("studyportal.web.sign_in.limiter.LIMITS", {"network": 12}):
        tried = [attempt(f"NS-{n:04}-{n:04}") for n in range(14)]

        assert Counter(tried) == {"NotSignedIn": 12, "TooMany": 2}
        assert attempt(her.participant_code, her.passphrase) == "TooMany"
        assert attempt(her.participant_code, her.passphrase, address=HOME) == "in"


def test_right_words_do_not_count_against_the_network_of_a_whole_clinic(her, quick):
    with patch.dict("studyportal.web.sign_in.limiter.LIMITS", {"network": 3}):
        outcomes = [attempt(her.participant_code, her.passphrase, address=HOME) for _ in range(8)]
        outcomes += [attempt(f"NS-{n:04}-{n:04}", address=HOME) for n in range(4)]

    assert outcomes == ["in"] * 8 + ["NotSignedIn"] * 3 + ["TooMany"]


def test_an_unknown_code_costs_the_same_and_is_told_the_same(her):
    with patch(SLOW, wraps=sign_in.derive) as hashed:
        said = []
        for code in (her.participant_code, "NS-0000-0000", "nothing like a code"):
            with pytest.raises(NotSignedIn) as refused:
                sign_in.recognise(code, "six other words", address=HOME, secret=SECRET, now=NOW)
            said.append(str(refused.value))

    assert len(set(said)) == 1
    assert hashed.call_count == 3
    assert all(len(call.kwargs["salt"]) == 16 for call in hashed.call_args_list)


def test_of_many_at_once_no_more_are_hashed_than_may_be(her, building, quick):
    attempt(her.participant_code, address=HOME)

    def at_once(_):
        with building.app_context():
            return attempt(her.participant_code)

    with ThreadPoolExecutor(8) as crowd:
        outcomes = Counter(crowd.map(at_once, range(24)))

    assert outcomes == {"NotSignedIn": 10, "TooMany": 14}
    assert quick.call_count == 11


@pytest.mark.parametrize("kind", ["place", "place_hours", "place_day", "code", "network_hours"])
def test_a_refusal_says_how_long(kind):
    refusal = too_many(kind, now=NOW)

    assert refusal.retry_after > 0 and "try" in refusal.sentence.lower()
