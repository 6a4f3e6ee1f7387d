"""`studyportal init`: make an instance."""

from pathlib import Path

import click

from studyportal import clock
from studyportal.errors import Invalid
from studyportal.portal.commands.options import instance_option
from studyportal.portal.making import SQLITE, Wanted, make_instance
from studyportal.protocol import SHIPPED


@click.command()
@instance_option
@click.option(
    "--protocol",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=SHIPPED,
    help="The study document; without it, the shipped study of microdosing and chronic pain.",
)
@click.option(
    "--database-url",
    default=SQLITE,
    show_default=True,
    help="Where the databases are; {bind} and {room} are filled in, the room being `owner` for whoever makes the tables.",
)
def init(instance: Path, protocol: Path, database_url: str) -> None:
    """Make an instance: fresh keys, a settings file for each room, migrated databases. Overwrites nothing."""
    try:
        document = protocol.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Invalid(f"{protocol.name} is not a text in UTF-8.") from None
    wanted = Wanted(instance, document, protocol.name, synthetic=False, database_url=database_url)
    made = make_instance(wanted, now=clock.now())
    click.echo(f"{made.study.title} ({made.study.code}, version {made.study.version}) has an instance in {instance}.")
    click.echo("Keep custody-keys.json apart from every backup of the databases: together they open everything.")
    click.echo("Publish what `studyportal verify keys` prints, so that papers and receipts can be checked without you.")
    click.echo("Next: studyportal site add, studyportal staff invite, studyportal serve.")
