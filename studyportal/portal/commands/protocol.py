"""`studyportal protocol`: what a study document says, before anybody is asked anything."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from studyportal import clock
from studyportal.portal import amending
from studyportal.portal.codebook import codebook_page
from studyportal.portal.commands.options import commander
from studyportal.portal.composing import load
from studyportal.protocol import Protocol
from studyportal.protocol.amendments import VERDICTS, Change, compare
from studyportal.protocol.amendments.rules import REFUSED
from studyportal.protocol.reading import protocol_schema
from studyportal.protocol.versions import load_protocol

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def protocol() -> None:
    """Check a study document, compare it, show it."""


@protocol.command()
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Say every mistake in FILE, each with its line; or that it is valid, what it holds and what to look at."""
    study = load_protocol(file)
    click.echo(f"{file.name} is valid: {study.study.title} ({study.study.code}), version {study.study.version}.")
    counts = (len(study.instruments), "instrument"), (len(study.alerts), "alert"), (len(study.languages), "language")
    click.echo(f"It has {', '.join(_counted(*one) for one in counts)}.")
    for warning in study.warnings:
        click.echo(f"warning, {warning}")
    for line in _contents(study):
        click.echo(line)


@protocol.command()
def schema() -> None:
    """Print the JSON Schema of study documents, for editors that complete and check while somebody writes."""
    click.echo(json.dumps(protocol_schema(), indent=2))


def _contents(study: Protocol) -> list[str]:
    lines = []
    for instrument in study.instruments.values():
        by = "" if instrument.by == "participant" else f" Filled in by the {instrument.by}."
        count = _counted(len(instrument.items), "item")
        lines.append(f"{instrument.name}: {instrument.title}, {count}. {instrument.schedule.describe()}{by}")
    return lines


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


@protocol.command()
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@click.pass_context
def diff(context: click.Context, old: Path, new: Path) -> None:
    """Say, item by item, what becomes of answers given before when NEW takes the place of OLD.

    Ends with 1 if something in NEW cannot follow OLD at all.
    """
    changes = compare(load_protocol(old), load_protocol(new))
    _show(changes)
    context.exit(int(any(change.verdict == REFUSED for change in changes)))


@protocol.command()
@click.argument("file", type=FILE)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Where to write it, a name that ends in .pdf for a paper; without it, the page comes here.",
)
def codebook(file: Path, output: Path | None) -> None:
    """Write the codebook of FILE as one page of HTML or as PDF: every question, its answers, and what becomes of them.

    It names also what is never released, so it is for those who run the study.
    """
    study = load_protocol(file)
    if output is None:
        click.echo(codebook_page(study), nl=False)
        return
    if output.suffix.lower() == ".pdf":
        # By name: only who wants a paper waits for what sets it.
        output.write_bytes(load("studyportal.portal.codebook.paper:codebook_paper")(study, now=clock.now()))
    else:
        output.write_text(codebook_page(study), encoding="utf-8")
    click.echo(f"The codebook is in {output}.")


@protocol.command()
@click.argument("file", type=FILE)
@click.option("--port", type=click.IntRange(1, 65535), default=8010, show_default=True, help="The port on localhost.")
def preview(file: Path, port: int) -> None:
    """Show every instrument, the consent form and every alert of FILE as people will meet them. Nothing is stored."""
    # By name: the rooms that it shows need not be installed where a document is only checked.
    load("studyportal.portal.preview.serving:serve_preview")(file, port)


@protocol.command()
@click.argument("instance", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("new", type=FILE)
@click.option(
    "--breaking", is_flag=True, help="Go on although columns break: new ones begin, and the codebook says so."
)
def amend(instance: Path, new: Path, breaking: bool) -> None:
    """Put NEW into force as the next version of INSTANCE's study document, and keep the one before it."""
    done = amending.amend(instance, new, breaking=breaking, say=_show, actor=commander(), now=clock.now())
    if done.former == done.present:
        click.echo(f"Version {done.present} is in force already; nothing was changed.")
        return
    click.echo(f"Version {done.present} is in force; version {done.former} is kept beside it.")
    click.echo(f"Restart the rooms, in this order: {', '.join(done.rooms)}; the worker together with custody.")


def _show(changes: Sequence[Change]) -> None:
    """The comparison, the worst first."""
    if not changes:
        click.echo("The documents say the same.")
    for verdict in reversed(VERDICTS):
        for change in changes:
            if change.verdict == verdict:
                click.echo(f"{verdict}, {change}")
