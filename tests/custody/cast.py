"""The cast: a custodian with a key file and a shelf, participants with entries, and what can go wrong with them."""

import os
import random
import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import sqlalchemy as sa

from studyportal.audit import Actor
from studyportal.custody.approvals.actions import Approved, approve
from studyportal.custody.approvals.terms import Terms
from studyportal.custody.opening.key_file import Keys, load_keys, new_keys, write_key_file
from studyportal.custody.opening.transport import publish_transport_key
from studyportal.database import reading, writing
from studyportal.intake.consent.actions import record_imported_consent
from studyportal.intake.enrolment.actions import enrol_without_passphrase
from studyportal.protocol import DiaryEntry, Protocol, commitment_body, encode
from studyportal.protocol.entry import write_blind
from studyportal.registry.consents import add_withdrawal
from studyportal.registry.contexts import entry_context
from studyportal.registry.enrolments import public_key
from studyportal.registry.tables import SEALED_ENTRIES, SITES
from studyportal.sealing import ON_DEMAND_SIZE, seal
from studyportal.sealing.signatures import commitment
from studyportal.web.sign_in.accounts import normalised_name
from studyportal.web.sign_in.tables import SIGN_IN
from studyportal.workbench.applications import Wanted, add_application, find_application, wanted_of

NOW = datetime(2026, 3, 2, 19, 30, tzinfo=UTC)
START = date(2026, 1, 5)
CUSTODIAN = Actor("custody", "custodian", "the custodian")
IMPORT = Actor("portal", "command", "import")


@dataclass
class House:
    """A study with its custodian, as they stand on one machine."""

    protocol: Protocol
    folder: Path
    rng: random.Random = field(default_factory=lambda: random.Random(7))

    @property
    def key_file(self) -> Path:
        return self.folder / "keys.json"

    @property
    def shelf(self) -> Path:
        return self.folder / "shelf"

    @property
    def keys(self) -> Keys:
        return load_keys(self.key_file)

    @property
    def study(self) -> str:
        return self.protocol.study.code

    def open(self) -> "House":
        write_key_file(self.key_file, new_keys())
        publish_transport_key(self.keys, actor=CUSTODIAN, now=NOW)
        with writing("registry") as connection:
            connection.execute(sa.insert(SITES), {"id": "NS", "name": "Northside", "created_at": NOW})
        return self

    def participant(self, *, scopes=("study", "sharing"), started_on: date = START, agreed_at: datetime = NOW) -> UUID:
        enrolment = enrol_without_passphrase(
            "NS",
            source="synthetic",
            zone="Europe/Berlin",
            started_on=started_on,
            study=self.study,
            custody_public_key=self.keys.public,
            actor=IMPORT,
            now=NOW,
        )
        record_imported_consent(
            enrolment,
            self.protocol.consent,
            scopes,
            agreed_at=agreed_at,
            zone="Europe/Berlin",
            source="synthetic",
            actor=IMPORT,
            now=NOW,
        )
        return enrolment

    def entry(self, enrolment: UUID, instrument: str, answers: dict, *, day: int = 1, **other) -> UUID:
        """One entry of a study day, sealed and kept as intake would."""
        id = other.pop("id", None) or uuid4()
        received_at = other.pop("received_at", NOW + timedelta(seconds=day))
        as_instrument = other.pop("as_instrument", instrument)
        blind = secrets.token_bytes(32)
        entry = DiaryEntry(
            instrument=as_instrument,
            protocol_version=self.protocol.study.version,
            diary_date=(START + timedelta(days=day - 1)).isoformat(),
            zone="Europe/Berlin",
            source=other.pop("source", "synthetic"),
            answers=answers,
            blind=write_blind(blind),
            **other,
        )
        on_demand = self.protocol.instruments[instrument].on_demand
        with writing("registry") as connection:
            key = public_key(connection, enrolment, "diary")
            about = entry_context(self.study, enrolment, id)
            row = {
                "id": id,
                "enrolment": enrolment,
                "schedule": "on_demand" if on_demand else instrument,
                "occasion": None if on_demand else day,
                "received_at": received_at,
                "commitment": commitment(blind, commitment_body(entry)),
                "receipt": bytes(64),
                "sealed": seal(encode(entry), to=key, about=about, size=ON_DEMAND_SIZE if on_demand else None),
            }
            connection.execute(sa.insert(SEALED_ENTRIES), row)
        return id

    def evening(self, enrolment: UUID, day: int, pain: int = 5, **other) -> UUID:
        return self.entry(enrolment, "evening", {"pain_average": pain, "note": "met Ada at the lake"}, day=day, **other)

    def baseline(self, enrolment: UUID, age: int = 44, **other) -> UUID:
        answers = {"diagnosis": "migraine", "pain_years": 7, "age": age, "pain_usual": 6}
        return self.entry(enrolment, "baseline", answers, day=1, **other)

    def staff(self, bind: str, name: str, role: str) -> UUID:
        """An account, without its sign-in."""
        id = uuid4()
        row = {"id": id, "name": normalised_name(name), "shown_name": name, "role": role, "passphrase_hash": ""}
        with writing(bind) as connection:
            connection.execute(sa.insert(SIGN_IN[bind].accounts), row | {"created_at": NOW})
        return id

    def request(self, account: UUID | None = None, **other) -> UUID:
        """A researcher's request for two questions at record level."""
        id = uuid4()
        wanted = Wanted(
            title="Sleep and pain", purpose="Does sleep foretell pain?", plan="By week.", ethics_reference="EK 12/2026",
            items=("baseline.diagnosis", "evening.pain_average"), level="records", wanted_until=date(2027, 3, 2),
        )  # fmt: skip
        with writing("workbench") as connection:
            add_application(connection, id, replace(wanted, **other), account=account or uuid4(), now=NOW)
        return id

    def approve(
        self, application: UUID, custodian: UUID, *, revision: int = 1, now: datetime = NOW, **terms
    ) -> Approved:
        """Grant what was asked for, or the part that `terms` say."""
        with reading("workbench") as connection:
            wanted = wanted_of(find_application(connection, application))
        whole = {"items": wanted.items, "level": wanted.level, "expires_at": NOW + timedelta(days=365)}
        return approve(
            application, Terms(**whole | terms), revision=revision, custodian=custodian, keys=self.keys,
            protocol=self.protocol, shelf=self.shelf, rng=self.rng, now=now,
        )  # fmt: skip

    def withdrawal(self, enrolment: UUID, strength: str, *, scope: str = "study", now: datetime = NOW) -> UUID:
        id = uuid4()
        with writing("registry") as connection:
            add_withdrawal(connection, id, enrolment, scope=scope, strength=strength, now=now)
        return id

    def spoil(self, entry: UUID, **columns) -> None:
        """Put an altered row in the place of an entry, as somebody with the owner's rights could."""
        with writing("registry") as connection:
            same = SEALED_ENTRIES.c.id == entry
            row = connection.execute(sa.select(SEALED_ENTRIES).where(same)).mappings().one()
            connection.execute(sa.delete(SEALED_ENTRIES).where(same))
            connection.execute(sa.insert(SEALED_ENTRIES), {**row, **columns})

    def rows(self, table: sa.Table, bind: str = "registry") -> list[sa.Row]:
        with reading(bind) as connection:
            return list(connection.execute(sa.select(table)))


def noise(size: int = 64) -> bytes:
    return os.urandom(size)
