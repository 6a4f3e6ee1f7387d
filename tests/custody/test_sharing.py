"""Only who agreed to a scope that covers sharing, and has not left it, is in what researchers see."""

from datetime import timedelta

import pytest

from studyportal.custody.publishing.sharing import renew_withdrawals
from tests.custody.cast import NOW
from tests.custody.test_publishing import go, index_of, snapshot

LATER = NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("scopes", "shared"),
    [
        (("study",), False),
        (("study", "recontact", "linkage"), False),
        (("study", "sharing"), True),
        (("study", "sharing", "recontact"), True),
    ],
)
def test_a_consent_puts_somebody_into_a_snapshot_only_if_it_covers_sharing(small_house, scopes, shared):
    ada, bo = small_house.participant(scopes=scopes), small_house.participant()
    small_house.evening(ada, 1)
    small_house.evening(bo, 1)

    go(small_house)

    shown = snapshot(small_house)
    assert shown.subjects.num_rows == shown.table("evening").num_rows == (2 if shared else 1)


@pytest.mark.parametrize(
    ("scope", "strength", "stays"),
    [
        ("sharing", "stop", True),
        ("sharing", "remove", False),
        ("sharing", "erase", False),
        ("study", "stop", True),
        ("study", "remove", False),
        ("study", "erase", False),
        ("recontact", "stop", True),
        ("linkage", "remove", True),
    ],
)
@pytest.mark.parametrize("published_before", [True, False])
def test_leaving_a_scope_takes_out_what_its_strength_says_at_once_and_next_time(
    small_house, scope, strength, stays, published_before
):
    ada, bo = (small_house.participant(scopes=("study", "sharing", "recontact", "linkage")) for _ in range(2))
    small_house.evening(ada, 1)
    small_house.evening(bo, 1)
    if published_before:
        go(small_house)
    small_house.withdrawal(ada, strength, scope=scope, now=LATER)

    if published_before:
        keys, protocol = small_house.keys, small_house.protocol
        renew_withdrawals(small_house.shelf, keys=keys, protocol=protocol, now=LATER)
    else:
        go(small_house, now=LATER)

    shown = snapshot(small_house)
    assert shown.subjects.num_rows == shown.table("evening").num_rows == (2 if stays else 1)
    if published_before and not stays:
        assert shown.withdrawn == {index_of(small_house, ada)}
