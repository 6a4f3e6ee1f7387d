"""`studyportal demo`: make the demonstration if there is none, say how to get in, and serve it on this machine only."""

import sys
from pathlib import Path

import click

from studyportal import clock
from studyportal.errors import Unsafe
from studyportal.portal.commands.rooms import serve_all
from studyportal.portal.demo.building import Progress, Size, make_demo, remove_former
from studyportal.portal.demo.sign_ins import as_text, keep, kept
from studyportal.portal.rooms import ROOMS
from studyportal.portal.settings import read_settings

PARTICIPANTS = 2_000
SEED = 20260101


@click.command()
@click.option(
    "--instance",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("instance/demo"),
    show_default=True,
    help="The folder of the demonstration.",
)
@click.option("--participants", type=click.IntRange(1, 20_000), default=PARTICIPANTS, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=SEED, show_default=True, help="Other people with another seed.")
@click.option("--fresh", is_flag=True, help="Throw the demonstration in that folder away and make a new one.")
@click.option("--serve/--no-serve", default=True, help="Start the rooms afterwards.")
def demo(instance: Path, participants: int, seed: int, fresh: bool, serve: bool) -> None:
    """Make an instance of synthetic participants with months of entries, print its sign-ins, and serve it.

    A finished demonstration is served again as it is; the data are synthetic, and it answers on this machine only.
    """
    ready = None if fresh else kept(instance)
    if ready is None:
        remove_former(instance)
        ready = _make(instance, Size(participants, seed))
    check_synthetic(instance)
    click.echo(ready)
    click.echo("Every person and every answer here is synthetic.")
    if serve:
        serve_all(instance)


def _make(instance: Path, size: Size) -> str:
    progress = Progress(lambda text: click.echo(text, nl=False), rewrites=sys.stdout.isatty())
    click.echo(f"Making {size.participants:,} synthetic participants in {instance} ...")
    prepared = make_demo(instance, size, progress=progress, now=clock.now())
    text = as_text(prepared, {room.name: room.origin for room in ROOMS.values()})
    keep(text, instance)
    click.echo(f"Ready after {progress.seconds:.0f} s.\n")
    return text


def check_synthetic(instance: Path) -> None:
    """Raise `Unsafe` unless every room is marked synthetic; such rooms refuse any name but this machine's own."""
    if not all(read_settings(name, instance).synthetic for name in ROOMS):
        raise Unsafe("This is not a demonstration: its rooms do not say that their data are synthetic.")
