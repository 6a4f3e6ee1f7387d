"""What somebody has who copied every database at one moment, and what opens of it with every key found on the
server."""

import base64
import binascii
import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self
from uuid import UUID

import sqlalchemy as sa

from studyportal.database import reading
from studyportal.errors import CannotOpen
from studyportal.keyring.contexts import seed_context
from studyportal.keyring.tables import WRAPPED_SEEDS
from studyportal.portal.inside import inside
from studyportal.protocol import Protocol, columns
from studyportal.registry.contexts import block_context, entry_context
from studyportal.registry.tables import BLOCKS, ENROLMENTS, SEALED_ENTRIES
from studyportal.sealing.opening import Opener, WrappingKey, unseal_as_reader, unwrap_seed
from tests.journeys.house import House


def keys_held_by(house: House) -> frozenset[bytes]:
    """Every secret in every settings and key file of the instance, whatever it is called or meant for."""
    found: set[bytes] = set()
    for file in house.folder.iterdir():
        if file.suffix in (".toml", ".json"):
            text = file.read_text(encoding="utf-8")
            found |= set(_secrets(tomllib.loads(text) if file.suffix == ".toml" else json.loads(text)))
    return frozenset(found)


def _secrets(value: Any) -> Iterator[bytes]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _secrets(one)
    if isinstance(value, str):
        try:
            yield base64.b64decode(value, validate=True)
        except binascii.Error:
            return


@dataclass(frozen=True)
class Copy:
    """The rows of registry and keyring that could lead to an answer."""

    protocol: Protocol
    enrolments: Sequence[sa.Row]
    seeds: Sequence[sa.Row]
    entries: Sequence[sa.Row]
    blocks: Sequence[sa.Row]

    @classmethod
    def of(cls, house: House) -> Self:
        def rows(table: sa.Table, bind: str) -> Sequence[sa.Row]:
            with reading(bind) as connection:
                return connection.execute(sa.select(table)).all()

        with inside("custody", house.folder):
            return cls(
                house.protocol,
                rows(ENROLMENTS, "registry"),
                rows(WRAPPED_SEEDS, "keyring"),
                rows(SEALED_ENTRIES, "registry"),
                rows(BLOCKS, "registry"),
            )

    def entries_of(self, participant_code: str) -> set[UUID]:
        (enrolment,) = [row.id for row in self.enrolments if row.participant_code == participant_code]
        return {row.id for row in self.entries if row.enrolment == enrolment}

    def opened_with(self, keys: frozenset[bytes]) -> set[UUID]:
        """The entries of this copy that any of these keys opens, tried in every way that there is."""
        found: set[UUID] = set()
        study = self.protocol.study.code
        for seed in self.seeds:
            about = seed_context(study, seed.enrolment, seed.domain, seed.holder)
            for opener in map(Opener, _tried(seed.wrapped, keys, about)):
                for row in self.entries:
                    if row.enrolment == seed.enrolment and row.sealed is not None:
                        about_row = entry_context(study, row.enrolment, row.id)
                        found |= _kept(row.id, partial(opener.unseal, row.sealed, about=about_row))
                for row in self.blocks:
                    if row.enrolment == seed.enrolment:
                        found |= self._in_block(row, opener)
        return found

    def _in_block(self, row: sa.Row, opener: Opener) -> set[UUID]:
        about = block_context(self.protocol.study.code, row.enrolment, row.number, row.revision)
        try:
            plain = opener.open_block(row.sealed, about=about)
        except CannotOpen:
            return set()
        return {one.entry_id for batch in columns.unpack(plain) for one in columns.rows(batch)}


def _kept(id: UUID, attempt) -> set[UUID]:
    try:
        attempt()
    except CannotOpen:
        return set()
    return {id}


def _unsealed(seed: bytes, wrapped: bytes, about) -> bytes:
    return Opener(seed).unseal(wrapped, about=about)


def _tried(wrapped: bytes, keys: frozenset[bytes], about) -> Iterator[bytes]:
    for key in keys:
        attempts = []
        if len(key) == 32:
            attempts = [
                partial(unwrap_seed, wrapped, kek=WrappingKey(key), about=about),
                partial(unseal_as_reader, wrapped, reading_key=key, about=about),
            ]
        if len(key) == 96:
            attempts = [partial(_unsealed, key, wrapped, about)]
        for attempt in attempts:
            try:
                yield attempt()
            except CannotOpen:
                continue
