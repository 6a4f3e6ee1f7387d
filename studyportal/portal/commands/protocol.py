"""`studyportal protocol`: what a study document says, before anybody is asked anything."""

from pathlib import Path

import click

from studyportal.protocol import Protocol, load_protocol

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
    for warning in study.warnings:
        click.echo(f"warning, {warning}")
    for line in _contents(study):
        click.echo(line)


def _contents(study: Protocol) -> list[str]:
    lines = []
    for instrument in study.instruments.values():
        count = f"{len(instrument.items)} item{'' if len(instrument.items) == 1 else 's'}"
        lines.append(f"{instrument.name}: {instrument.title}, {count}. {instrument.schedule.describe()}")
    return lines
