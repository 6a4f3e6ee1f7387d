"""`studyportal verify`: for anybody who was handed something that claims to come from a study.

`studyportal verify FILE.pdf` is short for `studyportal verify paper FILE.pdf`.
"""

import base64
import binascii
from pathlib import Path

import click

from studyportal.errors import Invalid
from studyportal.paper import examined
from studyportal.research.releases.verification import verify_release

MOST_BYTES = 20 * 1024 * 1024
SIGNERS = {"custody": "custody", "research": "the research room, with a key that custody certified"}
_key_option = click.option("--custody-key", required=True, help="The study's published custody key (base64).")


class _Papers(click.Group):
    """What is no command is the file of a paper."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        known = not args or args[0] in self.commands or args[0] == "--help"
        return super().parse_args(context, args if known else ["paper", *args])


@click.group(cls=_Papers)
def verify() -> None:
    """Check a paper (FILE.pdf) or a release that left the building."""


@verify.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_key_option
def paper(file: Path, custody_key: str) -> None:
    """Check that FILE, a PDF, comes from the study whose custody has this key, and that every byte is as it was signed."""
    if file.stat().st_size > MOST_BYTES:
        raise Invalid("This file is larger than 20 MB; no paper of a study is.")
    found = examined(file.read_bytes(), _public(custody_key))
    click.echo(f"{found.kind}: {found.title}")
    click.echo(f"Study: {found.study}")
    click.echo(f"Made {found.made_at:%Y-%m-%d %H:%M %Z}, signed by {SIGNERS[found.by]}." if found.made_at else "")
    click.echo(f"Fingerprint: {found.fingerprint}")
    click.echo("Unaltered: every byte is as it was signed.")


@verify.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_key_option
def release(file: Path, custody_key: str) -> None:
    """Check that FILE is a release of the study whose custody has this key, and that every byte is as it was signed."""
    found = verify_release(file, _public(custody_key))
    click.echo(f"Release {found.release} of {found.study}, project {found.project}, snapshot {found.snapshot}:")
    click.echo(f"{len(found.files)} files, every one as it was signed.")


def _public(custody_key: str) -> bytes:
    try:
        public = base64.b64decode(custody_key, validate=True)
    except binascii.Error:
        public = b""
    if len(public) != 32:
        raise Invalid("A custody key is 32 bytes as base64.")
    return public
