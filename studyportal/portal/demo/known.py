"""Enrol the few participants whose passphrase is shown: code, passphrase, signed consent, as anybody would."""

import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from studyportal.custody.codes.actions import issue_codes
from studyportal.database import writing
from studyportal.intake.consent.actions import give_consent
from studyportal.intake.enrolment.actions import claim
from studyportal.portal.demo.entries import moment, started_on
from studyportal.portal.demo.generator import SyntheticPerson, draw_person
from studyportal.portal.demo.past import ACTOR, VALID, count_way_in
from studyportal.portal.demo.places import SITES
from studyportal.portal.demo.sign_ins import SignIn
from studyportal.protocol import Protocol

HOW_MANY = 12
LOOKED_AT = 300  # people among whom they are chosen

# A schedule as it is observed, in words for the list of sign-ins.
WORDS = {
    "none": "records no doses",
    "fadiman": "one day on, two off",
    "stamets": "four on, three off",
    "every_other": "every other day",
    "irregular": "irregular days",
}


def choose(*, seed: int, window: int, today: date, participants: int) -> list[SyntheticPerson]:
    """People who stayed, share, and wrote on most days for two weeks or more, from every schedule in turn."""
    found = [
        draw_person(index, seed=seed, window=window, sites=len(SITES), today=today)
        for index in range(min(participants, LOOKED_AT))
    ]
    fit = {kind: [person for person in found if person.schedule == kind and _is_fit(person)] for kind in WORDS}
    chosen: list[SyntheticPerson] = []
    while len(chosen) < HOW_MANY and any(fit.values()):
        chosen += [waiting.pop(0) for waiting in fit.values() if waiting]
    return chosen[:HOW_MANY]


def _is_fit(person: SyntheticPerson) -> bool:
    writes = len(person.evening) > 0.6 * person.days
    return not person.withdrawal and "sharing" in person.scopes and person.days >= 14 and writes


def enrol_known(
    people: Sequence[SyntheticPerson], *, protocol: Protocol, custody_public: bytes, today: date
) -> tuple[dict[int, UUID], list[SignIn]]:
    """Let each claim a code on their first day and sign the consent; enrolments by index, and the sign-ins."""
    enrolments, sign_ins = {}, []
    for person in people:
        zone, start = SITES[person.site].zone, started_on(person, today)
        agreed_at = moment(start, 1, person.baseline_minute, zone) - timedelta(minutes=10)
        issued_at = agreed_at - timedelta(days=3)
        (code,) = issue_codes(
            SITES[person.site].id, 1, expires_at=issued_at + VALID, rng=secrets, actor=ACTOR, now=issued_at
        )
        with writing("registry") as connection:
            count_way_in(connection, SITES[person.site].id, now=agreed_at - timedelta(minutes=5))
        claimed = claim(
            code,
            zone=zone,
            study=protocol.study.code,
            custody_public_key=custody_public,
            now=agreed_at - timedelta(minutes=5),
        )
        give_consent(
            claimed.enrolment,
            protocol.consent,
            person.scopes,
            study=protocol.study.code,
            zone=zone,
            consent_key=claimed.root.consent_key,
            now=agreed_at,
        )
        enrolments[person.index] = claimed.enrolment
        who = f"{person.days} days, {WORDS[person.schedule]}"
        sign_ins.append(SignIn("intake", who, claimed.participant_code, claimed.passphrase))
    return enrolments, sign_ins
