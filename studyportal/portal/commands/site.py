"""`studyportal site`: the clinics that enrol."""

from pathlib import Path

import click

from studyportal import clock
from studyportal.audit import AuditEvent, record
from studyportal.database import reading, writing
from studyportal.errors import Conflict, Invalid
from studyportal.portal.commands.options import commander, instance_option
from studyportal.portal.inside import inside
from studyportal.registry.sites import add_site, sites


@click.group()
def site() -> None:
    """Add and list sites."""


@site.command()
@click.argument("id")
@click.argument("name")
@instance_option
def add(id: str, name: str, instance: Path) -> None:
    """Add a site. ID is two to four capital letters; participant codes begin with it."""
    if not (2 <= len(id) <= 4 and id.isascii() and id.isalpha() and id.isupper()):
        raise Invalid("A site's id is two to four capital letters, such as NS.")
    if not 1 <= len(name) <= 120 or not name.isprintable():
        raise Invalid("A site's name has 1 to 120 characters.")
    now = clock.now()
    with inside("custody", instance), writing("registry") as connection:
        if not add_site(connection, id, name=name, now=now):
            raise Conflict(f"There is a site {id} already.")
        record(connection, "registry", AuditEvent(commander(), "site:create", "site", id), now=now)
    click.echo(f"{name} is site {id}.")


@site.command(name="list")
@instance_option
def list_(instance: Path) -> None:
    """List the sites."""
    with inside("custody", instance), reading("registry") as connection:
        for row in sites(connection):
            click.echo(f"{row.id:<6}{row.name}")
