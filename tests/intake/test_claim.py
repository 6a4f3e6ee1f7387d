"""A code enrols one person once, with keys that custody and the participant can open and nobody else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import current_app

from studyportal import audit, outbox
from studyportal.database import reading, writing
from studyportal.errors import CannotOpen, Conflict, Gone, Invalid, Unavailable
from studyportal.intake.enrolment import keys
from studyportal.intake.enrolment.actions import claim
from studyportal.keyring.contexts import seed_context
from studyportal.keyring.tables import TRANSPORT_KEYS, WRAPPED_SEEDS
from studyportal.registry.codes import read_enrolment_code, read_participant_code
from studyportal.registry.enrolments import public_key
from studyportal.registry.tables import ENROLMENTS
from studyportal.sealing import DOMAINS, new_pair
from studyportal.sealing.opening import unseal, unseal_as_reader
from tests.intake.conftest import NOW, ZONE


def wrapped(enrolment, holder):
    with reading("keyring") as connection:
        seeds = WRAPPED_SEEDS.c
        query = sa.select(seeds.domain, seeds.wrapped).where(seeds.enrolment == enrolment, seeds.holder == holder)
        return dict(connection.execute(query).all())


def count(table, bind="registry"):
    with reading(bind) as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table))


def test_the_seeds_open_for_custody_and_for_the_participant_and_fit_the_public_keys(study):
    claimed = study.claim()

    code, enrolment = study.protocol.study.code, claimed.enrolment
    for domain in DOMAINS:
        by_custody = unseal(
            wrapped(enrolment, "custody")[domain],
            seed=study.custodian.transport.seed,
            about=seed_context(code, enrolment, domain, "custody"),
        )
        by_reader = unseal_as_reader(
            wrapped(enrolment, "participant")[domain],
            reading_key=claimed.root.reading_key,
            about=seed_context(code, enrolment, domain, "participant"),
        )
        with reading("registry") as connection:
            public = public_key(connection, enrolment, domain)
        assert by_custody == by_reader
        assert len(by_custody) == 96
        assert public is not None


def test_a_claim_asks_custody_to_rewrap_and_is_in_both_trails(study):
    claimed = study.claim()

    with writing("registry") as connection:
        work = outbox.lease(connection, "registry", ["rewrap"], now=NOW)
    assert work.payload == {"enrolment": str(claimed.enrolment)}
    for bind in ("registry", "keyring"):
        with reading(bind) as connection:
            assert audit.verify(connection, bind)


def test_eight_people_with_one_code_make_one_enrolment(study):
    code, app = study.issue_code(), current_app._get_current_object()

    def attempt(_):
        with app.app_context():
            try:
                return claim(
                    code, zone=ZONE, study="MCP-1", custody_public_key=study.custodian.public, now=NOW
                ).enrolment
            except Conflict:
                return None

    with ThreadPoolExecutor(8) as people:
        enrolled = [one for one in people.map(attempt, range(8)) if one]

    assert len(enrolled) == 1
    assert count(ENROLMENTS) == 1


@pytest.mark.parametrize(
    ("code", "refusal"),
    [("AAAA-BBBB-CCCC", Invalid), ("", Invalid), ("not a code", Invalid), ("x" * 10_000, Invalid)],
)
def test_a_code_that_was_never_issued_is_refused(study, code, refusal):
    with pytest.raises(refusal):
        claim(code, zone=ZONE, study="MCP-1", custody_public_key=study.custodian.public, now=NOW)

    assert count(WRAPPED_SEEDS, "keyring") == 0


def test_an_expired_code_is_refused_and_leaves_nothing(study):
    code = study.issue_code(expires_at=NOW)

    with pytest.raises(Gone):
        claim(code, zone=ZONE, study="MCP-1", custody_public_key=study.custodian.public, now=NOW)

    assert count(WRAPPED_SEEDS, "keyring") == 0
    assert count(ENROLMENTS) == 0


def test_a_used_code_is_refused_whatever_its_spelling(study):
    code = study.issue_code()
    claim(code, zone=ZONE, study="MCP-1", custody_public_key=study.custodian.public, now=NOW)

    with pytest.raises(Conflict):
        claim(
            code.lower().replace("-", "  "),
            zone=ZONE,
            study="MCP-1",
            custody_public_key=study.custodian.public,
            now=NOW + timedelta(days=1),
        )


def test_nobody_is_enrolled_to_a_transport_key_that_custody_has_not_signed(study):
    with writing("keyring") as connection:
        connection.execute(sa.update(TRANSPORT_KEYS).values(public_key=new_pair().public.raw))

    with pytest.raises(CannotOpen):
        study.claim()

    assert count(ENROLMENTS) == 0


def test_seeds_are_sealed_again_when_the_transport_key_is_replaced_meanwhile(study, monkeypatch):
    custodian, seal, seen = study.custodian, keys.seal, []

    def seal_while_custody_rotates(plaintext, *, to, about):
        if not seen:
            custodian.transport = new_pair()
            custodian.publish_transport_key()
        seen.append(to.id)
        return seal(plaintext, to=to, about=about)

    monkeypatch.setattr(keys, "seal", seal_while_custody_rotates)
    claimed = study.claim()

    kept = wrapped(claimed.enrolment, "custody")["diary"]
    about = seed_context("MCP-1", claimed.enrolment, "diary", "custody")
    assert len(unseal(kept, seed=custodian.transport.seed, about=about)) == 96


def test_a_claim_gives_up_when_keys_are_replaced_again_and_again(study, monkeypatch):
    monkeypatch.setattr(keys, "is_current", lambda connection, key_id: False)

    with pytest.raises(Unavailable):
        study.claim()

    assert count(WRAPPED_SEEDS, "keyring") == 0


def test_codes_are_read_as_people_write_them():
    assert read_enrolment_code(" k7qm 2v9d-4hxt ") == "K7QM-2V9D-4HXT"
    assert read_enrolment_code("KOQM-2VID-4HXU") == "K0QM-2V1D-4HXV"
    assert read_enrolment_code("K7QM-2V9D") is None
    assert read_participant_code("ns4f7k 9iqd") == "NS-4F7K-91QD"
    assert read_participant_code("4F7K-91QD") is None
