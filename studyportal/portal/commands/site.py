"""`studyportal site`: the clinics that enrol."""

from pathlib import Path

import click

from studyportal import clock
from studyportal.custody.delivery.actions import LEAST, MOST, set_site_mail
from studyportal.custody.settings import CustodySettings
from studyportal.custody.sites.actions import make_site
from studyportal.database import reading
from studyportal.errors import Invalid
from studyportal.portal.commands.options import commander, instance_option
from studyportal.portal.inside import inside
from studyportal.registry.sites import sites


@click.group()
def site() -> None:
    """Add and list sites."""


@site.command()
@click.argument("id")
@click.argument("name")
@instance_option
def add(id: str, name: str, instance: Path) -> None:
    """Add a site. ID is two to four capital letters; participant codes begin with it."""
    with inside("custody", instance):
        make_site(id, name, actor=commander(), now=clock.now())
    click.echo(f"{name} is site {id}.")


@site.command(name="list")
@instance_option
def list_(instance: Path) -> None:
    """List the sites."""
    with inside("custody", instance), reading("registry") as connection:
        for row in sites(connection):
            click.echo(f"{row.id:<6}{row.name}")


@site.command()
@click.argument("id")
@click.argument("address", required=False)
@click.option("--after", type=click.IntRange(LEAST, MOST), help="How many minutes an urgent alert may wait.")
@click.option("--nobody", is_flag=True, help="Mail nobody any more.")
@instance_option
def mail(id: str, address: str | None, after: int | None, nobody: bool, instance: Path) -> None:
    """Mail ADDRESS when an urgent alert of site ID waits too long. The mail says only that something waits."""
    if nobody == bool(address or after):
        raise Invalid("Give an address and --after, or --nobody.")
    with inside("custody", instance) as settings:
        assert isinstance(settings, CustodySettings)
        set_site_mail(id, address=address, after=after, actor=commander(), now=clock.now())
        works = settings.mail is not None
    click.echo(
        f"Urgent alerts of {id} that wait {after} minutes are mailed to {address}."
        if address
        else f"{id} is not mailed."
    )
    if address and not works:
        click.echo("But there is no mail server yet: write the part [mail] in custody.toml, and start custody again.")
