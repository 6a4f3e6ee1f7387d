"""`studyportal database`: bring databases up to date, and give each room's role what it may do."""

from collections.abc import Mapping
from pathlib import Path

import click

from studyportal.database import BINDS
from studyportal.errors import Unsafe
from studyportal.portal.commands.options import instance_option
from studyportal.portal.granting import apply_grants
from studyportal.portal.migrating import current, head, upgrade
from studyportal.portal.settings import read_settings

owner_option = click.option(
    "--owner-url",
    help="The address with {bind} under which the owner of the tables connects; without it, custody's own addresses.",
)


@click.group()
def database() -> None:
    """Bring databases up to date; set their grants."""


def _urls(instance: Path, owner_url: str | None) -> Mapping[str, str]:
    if owner_url is not None:
        return {bind: owner_url.replace("{bind}", bind) for bind in BINDS}
    return read_settings("custody", instance).databases


@database.command(name="upgrade")
@instance_option
@owner_option
def upgrade_(instance: Path, owner_url: str | None) -> None:
    """Bring every database to the newest revision. Each step is whole or not done."""
    for bind, url in _urls(instance, owner_url).items():
        before = current(bind, url)
        after = upgrade(bind, url)
        came = "is" if before == after else f"went from {before or 'nothing'} to"
        click.echo(f"{bind:<10} {came} {after}")


@database.command()
@instance_option
@owner_option
def status(instance: Path, owner_url: str | None) -> None:
    """Say which revision each database has; exit code 1 if one is behind."""
    behind = False
    for bind, url in _urls(instance, owner_url).items():
        found, newest = current(bind, url), head(bind)
        behind |= found != newest
        click.echo(f"{bind:<10} {found or 'nothing'}" + ("" if found == newest else f", newest is {newest}"))
    raise SystemExit(1 if behind else 0)


@database.command()
@instance_option
@owner_option
def grants(instance: Path, owner_url: str | None) -> None:
    """Set the rooms' grants and row rules on PostgreSQL, as deploy/postgresql/grants.sql says."""
    for bind, url in _urls(instance, owner_url).items():
        if not url.startswith("postgresql"):
            raise Unsafe("SQLite has no grants: there the walls are separate files.")
        apply_grants(bind, url)
        click.echo(f"{bind:<10} has its grants")
