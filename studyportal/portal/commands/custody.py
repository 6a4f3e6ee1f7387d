"""`studyportal custody`: what the custodian does at a terminal. Its exact counts are for the custodian's eyes."""

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click

from studyportal import clock, outbox
from studyportal.custody.codes.actions import issue_codes
from studyportal.custody.compaction.actions import compact as compact_all
from studyportal.custody.compaction.actions import try_again
from studyportal.custody.erasure.rotation import rotate as rotate_keys
from studyportal.custody.opening.key_file import Keys, load_keys
from studyportal.custody.publishing import actions as publishing
from studyportal.custody.publishing.cadence import EXCEPTIONS
from studyportal.custody.reconcile import actions as reconciling
from studyportal.custody.settings import CustodySettings
from studyportal.custody.spreading.workers import workers_of
from studyportal.database import reading
from studyportal.portal.commands.options import commander, instance_option
from studyportal.portal.inside import inside
from studyportal.protocol import Protocol, load_protocol
from studyportal.workbench.applications import undecided_applications
from studyportal.workbench.grants import all_grants, standing_of

# The operating system's randomness, in the form that drawing and shuffling want.
CHANCE = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class _Desk:
    """What nearly every action of custody needs."""

    settings: CustodySettings
    protocol: Protocol
    keys: Keys


@contextmanager
def _desk(instance: Path) -> Iterator[_Desk]:
    with inside("custody", instance) as settings:
        assert isinstance(settings, CustodySettings)
        yield _Desk(settings, load_protocol(settings.protocol), load_keys(settings.key_file))


@click.group()
def custody() -> None:
    """Issue codes, fold, publish, list requests and approvals, reconcile. Who decides on requests signs in for it."""


@custody.command()
@click.argument("site")
@click.option("--count", type=int, default=1, show_default=True, help="How many.")
@click.option("--days", type=int, default=60, show_default=True, help="How long they can be used.")
@instance_option
def codes(site: str, count: int, days: int, instance: Path) -> None:
    """Issue enrolment codes for SITE. They are shown this once, one a line."""
    now = clock.now()
    with inside("custody", instance):
        until = now + timedelta(days=days)
        issued = issue_codes(site, count, expires_at=until, rng=CHANCE, actor=commander(), now=now)
    for code in issued:
        click.echo(code)


@custody.command()
@click.option("--again", is_flag=True, help="Also try what was set aside, after its reason was mended.")
@instance_option
def compact(again: bool, instance: Path) -> None:
    """Fold fresh entries into sealed blocks now."""
    with _desk(instance) as desk:
        if again:
            click.echo(f"Trying {try_again(actor=commander(), now=clock.now())} entries again that were set aside.")
        workers = workers_of(desk.settings.scheduler)
        done = compact_all(keys=desk.keys, protocol=desk.protocol, actor=commander(), now=clock.now(), workers=workers)
    click.echo(f"Folded {done.folded} entries of {done.enrolments} enrolments; set aside {done.quarantined}.")


@custody.command()
@click.option(
    "--exception", type=click.Choice(sorted(EXCEPTIONS)), help="Set the rule of cadence aside, for the record."
)
@instance_option
def publish(exception: str | None, instance: Path) -> None:
    """Publish a snapshot of everybody who shares."""
    with _desk(instance) as desk:
        done = publishing.publish(
            desk.settings.shelf,
            keys=desk.keys,
            protocol=desk.protocol,
            exception=exception,
            rng=CHANCE,
            workers=workers_of(desk.settings.scheduler),
            actor=commander(),
            now=clock.now(),
        )
    built = done.built
    click.echo(f"Snapshot {done.number} holds {done.participants} participants and {done.rows} rows.")
    click.echo(
        f"Of its parts, {built.made} were made, {built.taken_over} had not changed, {built.done} were done before."
    )


@custody.command()
@instance_option
def applications(instance: Path) -> None:
    """List the requests for access that nobody has decided."""
    with inside("custody", instance), reading("workbench") as connection:
        for row in undecided_applications(connection):
            click.echo(f"{row['id']}  {row['created_at']:%Y-%m-%d}  {row['title']}")


@custody.command()
@instance_option
def grants(instance: Path) -> None:
    """List the approvals."""
    now = clock.now()
    with inside("custody", instance), reading("workbench") as connection:
        for row in all_grants(connection):
            click.echo(f"{row.id}  {row.project:<10}{standing_of(row, now=now):<10}until {row.expires_at:%Y-%m-%d}")


@custody.command()
@instance_option
def rotate(instance: Path) -> None:
    """Replace the key-encryption key and the transport pair, and wrap everybody's keys anew."""
    with _desk(instance) as desk:
        new = rotate_keys(
            key_file=desk.settings.key_file, study=desk.protocol.study.code, actor=commander(), now=clock.now()
        )
    click.echo(
        f"Custody's keys are new; intake seals to {new.hex()} from now on. Back up the key file, destroy its old copies."
    )


@custody.command()
@instance_option
def waiting(instance: Path) -> None:
    """Say how much work waits for `studyportal work`."""
    with inside("custody", instance), reading("registry") as connection:
        left = outbox.waiting(connection, "registry")
    for kind, count in sorted(left.items()):
        click.echo(f"{kind:<12}{count}")
    if not left:
        click.echo("Nothing waits.")


@custody.command()
@click.option("--receipts", is_flag=True, help="Also compute every folded entry's commitment anew.")
@instance_option
def reconcile(receipts: bool, instance: Path) -> None:
    """Open everything and compare it with the rows and the latest snapshot. Exit code 1 if anything is unaccounted
    for."""
    with _desk(instance) as desk:
        found = reconciling.reconcile(
            desk.settings.shelf,
            keys=desk.keys,
            protocol=desk.protocol,
            check_receipts=receipts,
            actor=commander(),
            now=clock.now(),
        )
    click.echo(
        f"{found.entries} entries of {found.participants} participants: {found.folded} folded, {found.fresh} fresh."
    )
    _tell_aside(found.quarantined)
    click.echo(f"{'instrument':<14}{'item':<26}{'held: values':>13}{'people':>8}   snapshot {found.snapshot or 'none'}")
    for line in found.lines:
        absent = "not released" if found.snapshot else "-"
        shown = f"{line.shown.values} values, {line.shown.people} people" if line.shown else absent
        click.echo(f"{line.instrument:<14}{line.item:<26}{line.held.values:>13}{line.held.people:>8}   {shown}")
    for fault in found.faults:
        click.echo(f"FAULT: {fault}")
    raise SystemExit(1 if found.faults else 0)


def _tell_aside(reasons: Mapping[str, int]) -> None:
    for reason, count in sorted(reasons.items()):
        click.echo(f"{count} set aside: {reason}")
