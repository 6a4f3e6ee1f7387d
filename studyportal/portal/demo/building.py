"""Make the whole demonstration, phase by phase, saying what is done and how long it took."""

import os
import secrets
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from secrets import SystemRandom
from uuid import UUID

from studyportal.custody.codes.actions import issue_codes
from studyportal.custody.opening.key_file import load_keys
from studyportal.custody.publishing.actions import publish
from studyportal.custody.settings import CustodySettings
from studyportal.errors import Conflict, Unavailable
from studyportal.portal.demo.answering import answer_alerts
from studyportal.portal.demo.daily_work import RESEARCHER, ask_for_a_report, work_in_the_clinic
from studyportal.portal.demo.generator import draw_person
from studyportal.portal.demo.hands import Job, study_of, write_people
from studyportal.portal.demo.known import choose, enrol_known
from studyportal.portal.demo.leaving import ask_to_leave, work_off
from studyportal.portal.demo.past import ACTOR, VALID
from studyportal.portal.demo.places import SITES
from studyportal.portal.demo.requests import ask_and_decide
from studyportal.portal.demo.sign_ins import Prepared
from studyportal.portal.demo.staff import employ, keep_sites
from studyportal.portal.inside import inside
from studyportal.portal.making import Wanted, make_instance
from studyportal.portal.rooms import ROOMS
from studyportal.portal.settings import read_settings, settings_file
from studyportal.protocol import SHIPPED

WINDOW = 182  # days: 26 weeks
PROCESSES = min(4, os.cpu_count() or 1)
CODES_TO_TRY = 2  # per site


@dataclass(frozen=True, slots=True)
class Size:
    """How large the demonstration is, and which people it draws."""

    participants: int
    seed: int
    window: int = WINDOW


class Progress:
    """Say each phase with its seconds; `count` rewrites the line of the phase that is under way."""

    def __init__(self, write: Callable[[str], None], *, rewrites: bool) -> None:
        self._write = write
        self._rewrites = rewrites
        self._began = self._phase_began = time.monotonic()

    def count(self, text: str) -> None:
        if self._rewrites:
            self._write(f"\r{text}")

    def done(self, text: str) -> None:
        now = time.monotonic()
        self._write(f"{chr(13) if self._rewrites else ''}{text:<66} {now - self._phase_began:6.1f} s\n")
        self._phase_began = now

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began


def remove_former(folder: Path) -> None:
    """Take away a demonstration that stands in `folder`. Raises `Conflict` for anything that is not one."""
    if not folder.exists():
        return
    is_instance = settings_file("intake", folder).exists()
    if not (is_instance and read_settings("intake", folder).synthetic) and any(folder.iterdir()):
        raise Conflict(f"{folder} holds something that is not a demonstration; nothing was changed.")
    shutil.rmtree(folder)


def make_demo(folder: Path, size: Size, *, progress: Progress, now: datetime) -> Prepared:
    """Make the instance in `folder`, with people, staff and a snapshot. Raises `Conflict` if something is there."""
    began, today = now - timedelta(days=size.window), now.date()
    document = SHIPPED.read_text(encoding="utf-8")
    protocol = make_instance(Wanted(folder, document, SHIPPED.name, synthetic=True), now=began)
    with inside("custody", folder) as custody:
        keys = load_keys(custody.key_file)
        keep_sites(now=began)
        staff, accounts = employ(protocol, room_keys=_room_keys(folder), now=began)
        progress.done(f"Instance with fresh keys, {len(SITES)} sites and {len(staff)} staff accounts")
        chosen = choose(seed=size.seed, window=size.window, today=today, participants=size.participants)
        known, participants = enrol_known(chosen, protocol=protocol, custody_public=keys.public, today=today)
        progress.done(f"{len(known)} participants with passphrases of their own")
        job = Job(
            databases=custody.databases,
            protocol=document,
            key_file=custody.key_file,
            receipt_seed=read_settings("intake", folder).receipt_seed,
            seed=size.seed,
            window=size.window,
            today=today,
            now=now,
        )
        enrolments = _write_everybody(job, size, known, progress)
        work_in_the_clinic(list(known.values()), accounts, protocol=protocol, now=now)
        _let_leave(job, enrolments, custody, progress)
        answer_alerts(accounts, protocol=protocol, now=now)
        keys = load_keys(custody.key_file)  # every erasure has replaced them
        published = publish(
            custody.shelf, keys=keys, protocol=protocol, exception=None, rng=SystemRandom(), actor=ACTOR, now=now
        )
        ask_and_decide(accounts, keys=keys, protocol=protocol, shelf=custody.shelf, now=now)
        ask_for_a_report(accounts[RESEARCHER], snapshot=published.number, now=now)
        progress.done(f"Snapshot of {published.participants:,} participants who share, {published.rows:,} diary rows")
        codes = [code for site in SITES for code in _codes(site.id, now=now)]
    return Prepared([*participants, *staff], codes)


def _room_keys(folder: Path) -> dict[str, str]:
    return {name: read_settings(name, folder).secret_key for name in ROOMS}


def _codes(site: str, *, now: datetime) -> tuple[str, ...]:
    return issue_codes(site, CODES_TO_TRY, expires_at=now + VALID, rng=secrets, actor=ACTOR, now=now)


def _write_everybody(job: Job, size: Size, known: Mapping[int, UUID], progress: Progress) -> dict[int, UUID]:
    enrolments: dict[int, UUID] = {}
    past = recent = 0
    for done in write_people(job, range(size.participants), known, processes=PROCESSES):
        enrolments |= done.enrolments
        past, recent = past + done.past, recent + done.recent
        progress.count(f"{len(enrolments):,} of {size.participants:,} participants, {past + recent:,} entries")
    progress.done(f"{len(enrolments):,} participants with {past:,} entries in blocks, {recent:,} sent one by one")
    return enrolments


def _let_leave(job: Job, enrolments: Mapping[int, UUID], custody: CustodySettings, progress: Progress) -> None:
    people = (
        draw_person(index, seed=job.seed, window=job.window, sites=len(SITES), today=job.today) for index in enrolments
    )
    asked = ask_to_leave([person for person in people if person.withdrawal], enrolments, study_of(job))
    left_over: list[str] = []
    work_off(custody, say=left_over.append, now=job.now)
    if left_over:
        raise Unavailable(f"Custody could not do all of its work: {left_over[0]}")
    progress.done(f"{asked} withdrawals carried through")
