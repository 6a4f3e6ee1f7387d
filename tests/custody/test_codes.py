import random
from datetime import timedelta

import pytest

from studyportal.custody.codes.actions import issue_codes
from studyportal.database import reading
from studyportal.errors import Invalid
from studyportal.intake.enrolment.actions import claimable_code
from studyportal.registry.issuing import code_counts
from studyportal.registry.tables import ENROLMENT_CODES
from tests.custody.cast import CUSTODIAN, NOW

MONTH = timedelta(days=30)


def issue(count=3, *, site="NS", expires_at=NOW + MONTH):
    return issue_codes(site, count, expires_at=expires_at, rng=random.Random(3), actor=CUSTODIAN, now=NOW)


def test_issued_codes_can_be_claimed_and_are_kept_as_hashes_only(house):
    codes = issue(3)

    kept = house.rows(ENROLMENT_CODES)
    assert len(set(codes)) == len(kept) == 3
    assert claimable_code(codes[0].lower().replace("-", " "), now=NOW) == (codes[0], "NS")
    assert not any(code.replace("-", "").encode() in bytes(row.code_hash) for code in codes for row in kept)
    with reading("registry") as connection:
        assert code_counts(connection, now=NOW) == {"NS": {"claimed": 0, "open": 3, "expired": 0}}
        assert code_counts(connection, now=NOW + MONTH) == {"NS": {"claimed": 0, "open": 0, "expired": 3}}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"count": 0}, "count"),
        ({"count": 501}, "count"),
        ({"site": "XX"}, "site"),
        ({"expires_at": NOW}, "expires_on"),
        ({"expires_at": NOW + timedelta(days=400)}, "expires_on"),
    ],
)
def test_unfit_wishes_issue_nothing(small_house, wrong, field):
    with pytest.raises(Invalid) as refusal:
        issue(**wrong)

    assert list(refusal.value.problems) == [field]
    assert small_house.rows(ENROLMENT_CODES) == []
