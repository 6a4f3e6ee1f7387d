"""`studyportal staff`: accounts of the people who work in the rooms. There are no default accounts.

Nobody but an account's person ever has its passphrase: an account is made by an invitation, the first administrator's
too. Custody's databases keep the invitation; the room in which the person will work takes it.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

import click
import sqlalchemy as sa

from studyportal import clock
from studyportal.custody.staff.homes import AT_A_SITE, HOMES
from studyportal.custody.staff.people import check_one_account
from studyportal.database import reading, writing
from studyportal.errors import Invalid, NotFound
from studyportal.portal.commands.options import commander, instance_option
from studyportal.portal.inside import inside
from studyportal.portal.settings import read_settings
from studyportal.registry.sites import is_site
from studyportal.web.sign_in.accounts import account_named, accounts
from studyportal.web.sign_in.actions import INVITED_FOR, end_account
from studyportal.web.sign_in.actions import invite as invite_account
from studyportal.web.sign_in.invitations import waiting_invitations

HOME = HOMES  # role -> the room where it signs in and the database of that room's accounts
role_option = click.option("--role", type=click.Choice(sorted(HOME)), required=True, help="What this person does.")


@click.group()
def staff() -> None:
    """Invite, list and end staff accounts."""


@staff.command()
@click.argument("name")
@role_option
@click.option("--site", help="The site of a clinician or coordinator.")
@click.option("--days", type=click.IntRange(1, 30), default=INVITED_FOR, show_default=True, help="How long it holds.")
@click.option("--again", is_flag=True, help="Invite somebody again who lost what they sign in with.")
@instance_option
def invite(name: str, role: str, site: str | None, days: int, again: bool, instance: Path) -> None:
    """Invite somebody: prints an address that works once, at which they set their passphrase and second factor."""
    if (role in AT_A_SITE) != (site is not None):
        raise Invalid(f"A {role} {'belongs to a site: give --site' if role in AT_A_SITE else 'belongs to no site'}.")
    room, bind = HOME[role]
    with inside("custody", instance):
        if site is not None:
            with reading("registry") as connection:
                if not is_site(connection, site):
                    raise NotFound(f"There is no site {site}.")
        if not again:
            check_one_account(name)
        with writing(bind) as connection:
            token = invite_account(
                connection,
                bind,
                name=name,
                role=role,
                site=site,
                days=days,
                again=again,
                actor=commander(),
                now=clock.now(),
            )
    click.echo(
        f"{name} begins as {role} at this address, which works once, within {days} days, and is not shown again:"
    )
    click.echo(f"  {read_settings(room, instance).origin}/welcome#{token}")


@staff.command(name="list")
@instance_option
def list_(instance: Path) -> None:
    """List every account, and who is invited."""
    now = clock.now()
    with inside("custody", instance):
        for bind in dict.fromkeys(bind for _, bind in HOME.values()):
            with reading(bind) as connection:
                invited = {one.account: one.expires_at for one in waiting_invitations(connection, bind, now=now)}
                for row in accounts(connection, bind):
                    click.echo(
                        f"{HOME[row.role][0]:<10}{row.role:<15}{row.site or '':<6}{row.shown_name}{_state(row, invited)}"
                    )


def _state(row: sa.Row, invited: Mapping[UUID, datetime]) -> str:
    """What there is to say of an account besides that it is there."""
    if row.ended_at:
        return f"  ended {row.ended_at:%Y-%m-%d}"
    if row.id in invited:
        return f"  invited until {invited[row.id]:%Y-%m-%d %H:%M} UTC"
    return "" if row.passphrase_hash else "  invitation has run out"


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
