"""`studyportal import`: check a whole file, account for every value, then take its entries in."""

import sys
from pathlib import Path

import click

from studyportal import clock
from studyportal.errors import Conflict, Invalid
from studyportal.portal.commands.options import instance_option
from studyportal.portal.importing.actions import Into, Outcome, import_people, keep_site
from studyportal.portal.importing.gathering import gather
from studyportal.portal.importing.mistakes import ImportMistakes
from studyportal.portal.importing.reading import MappingMistakes, read_mapping
from studyportal.portal.importing.rows import read_rows
from studyportal.portal.inside import inside
from studyportal.portal.making import Wanted, make_instance
from studyportal.portal.settings import read_settings, settings_file
from studyportal.protocol import Protocol, ProtocolMistakes, load_protocol
from studyportal.sealing.signatures import Signer

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--protocol", type=FILE, required=True, help="The study document that the entries belong to.")
@click.option(
    "--mapping", type=FILE, required=True, help="How the file's columns become entries; see docs/importing.md."
)
@click.option("--check", is_flag=True, help="Check and account only; write nothing.")
@instance_option
def import_entries(file: Path, protocol: Path, mapping: Path, check: bool, instance: Path) -> None:
    """Take the entries of an earlier study out of a CSV file; makes the instance if there is none."""
    try:
        run(file, protocol, mapping, instance, check=check)
    except (ImportMistakes, MappingMistakes, ProtocolMistakes) as mistakes:
        click.echo(mistakes.report(), err=True)
        sys.exit(1)


def run(file: Path, protocol: Path, mapping: Path, instance: Path, *, check: bool) -> Outcome | None:
    """Check everything, print the account, and write unless `check`. Raises what is wrong before anything is
    written."""
    study = load_protocol(protocol)
    read = read_mapping(_text(mapping), name=mapping.name, protocol=study)
    people, account = gather(read_rows(file), read, study)
    for line in account.lines():
        click.echo(line)
    if check:
        return None
    if not settings_file("intake", instance).exists():
        made = Wanted(instance, study.source, protocol.name, synthetic=False)
        make_instance(made, now=clock.now())
        click.echo(f"Made an instance for {study.study.code} in {instance}.")
    _check_study(study, load_protocol(read_settings("intake", instance).protocol))
    with inside("custody", instance):
        keep_site(read, now=clock.now())
    with inside("intake", instance) as intake:
        into = Into(
            protocol=study,
            mapping=read,
            custody_public=intake.custody_public,
            signer=Signer(intake.receipt_seed),
            blind_key=intake.receipt_seed,
        )
        outcome = import_people(people, into, now=clock.now(), progress=_progress(len(people)))
    click.echo(
        f"{outcome.enrolled:,} participants enrolled, {outcome.known:,} known before. "
        f"{outcome.created:,} entries kept, {outcome.unchanged:,} were here already."
    )
    if outcome.left:
        click.echo(f"{outcome.left:,} entries of participants who have left were not taken.")
    if outcome.conflicts:
        rows = ", ".join(map(str, outcome.conflicts[:20])) + (", ..." if len(outcome.conflicts) > 20 else "")
        raise Conflict(
            f"{len(outcome.conflicts):,} entries were imported before with other answers and stay as they were (rows {rows})."
        )
    return outcome


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(f"{path.name} is not a text in UTF-8.") from None


def _check_study(given: Protocol, kept: Protocol) -> None:
    if given.digest != kept.digest:  # the instance's has its former versions beside it
        raise Conflict("The instance holds another study, or another version of this document. Nothing was imported.")


def _progress(total: int):
    def say(done: int) -> None:
        if sys.stdout.isatty():
            click.echo(f"\r{done:,} of {total:,} participants", nl=done == total)

    return say
