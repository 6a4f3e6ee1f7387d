"""What several commands ask in the same words."""

import getpass
from pathlib import Path

import click

from studyportal.audit import Actor

instance_option = click.option(
    "--instance",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("instance"),
    show_default=True,
    envvar="STUDYPORTAL_INSTANCE",
    help="The folder with the settings files.",
)


def commander() -> Actor:
    """Whoever runs the command, for the audit trail: the name of their account on this machine."""
    return Actor("custody", "command", getpass.getuser()[:64])
