"""`studyportal staff`: accounts of the people who work in the rooms. There are no default accounts."""

from collections.abc import Mapping
from pathlib import Path

import click

from studyportal import clock
from studyportal.database import reading, writing
from studyportal.errors import Invalid, NotFound
from studyportal.portal.commands.options import commander, instance_option
from studyportal.portal.inside import inside
from studyportal.protocol import load_protocol
from studyportal.registry.sites import is_site
from studyportal.sealing.passphrase import generate_passphrase
from studyportal.web.sign_in.accounts import account_named, accounts
from studyportal.web.sign_in.actions import add_account, end_account

# role -> the room where it signs in and the database of that room's accounts
HOME: Mapping[str, tuple[str, str]] = {
    "administrator": ("custody", "keyring"),
    "auditor": ("custody", "keyring"),
    "clinician": ("clinic", "registry"),
    "coordinator": ("clinic", "registry"),
    "custodian": ("custody", "keyring"),
    "researcher": ("research", "workbench"),
}
AT_A_SITE = frozenset({"clinician", "coordinator"})
role_option = click.option("--role", type=click.Choice(sorted(HOME)), required=True, help="What this person does.")


@click.group()
def staff() -> None:
    """Add, list and end staff accounts."""


@staff.command()
@click.argument("name")
@role_option
@click.option("--site", help="The site of a clinician or coordinator.")
@instance_option
def add(name: str, role: str, site: str | None, instance: Path) -> None:
    """Add an account with a generated passphrase, shown this once."""
    if (role in AT_A_SITE) != (site is not None):
        raise Invalid(f"A {role} {'belongs to a site: give --site' if role in AT_A_SITE else 'belongs to no site'}.")
    room, bind = HOME[role]
    passphrase = generate_passphrase()
    with inside("custody", instance) as settings:
        study = load_protocol(settings.protocol).study
        if site is not None:
            with reading("registry") as connection:
                if not is_site(connection, site):
                    raise NotFound(f"There is no site {site}.")
        with writing(bind) as connection:
            add_account(
                connection,
                bind,
                name=name,
                role=role,
                site=site,
                passphrase=passphrase,
                own_words=[study.code, *study.title.split()],
                actor=commander(),
                now=clock.now(),
            )
    click.echo(f"{name} signs in at the {room} room as {role}, with this passphrase, which is not shown again:")
    click.echo(f"  {passphrase}")


@staff.command(name="list")
@instance_option
def list_(instance: Path) -> None:
    """List every account."""
    with inside("custody", instance):
        for bind in dict.fromkeys(bind for _, bind in HOME.values()):
            with reading(bind) as connection:
                for row in accounts(connection, bind):
                    ended = f"  ended {row.ended_at:%Y-%m-%d}" if row.ended_at else ""
                    click.echo(f"{HOME[row.role][0]:<10}{row.role:<15}{row.site or '':<6}{row.shown_name}{ended}")


@staff.command()
@click.argument("name")
@role_option
@instance_option
def end(name: str, role: str, instance: Path) -> None:
    """End an account; its sessions end at once."""
    bind = HOME[role][1]
    with inside("custody", instance), writing(bind) as connection:
        found = account_named(connection, bind, name)
        if found is None or found.role != role:
            raise NotFound(f"There is no {role} of this name.")
        end_account(connection, bind, found.id, actor=commander(), now=clock.now())
    click.echo(f"The account of {name} has ended, and every session of it.")
