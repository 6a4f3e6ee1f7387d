"""`studyportal verify`: for anybody who was handed something that claims to come from a study."""

import base64
import binascii
from pathlib import Path

import click

from studyportal.errors import Invalid
from studyportal.research.releases.verification import verify_release


@click.group()
def verify() -> None:
    """Check a release that left the building."""


@verify.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--custody-key", required=True, help="The study's published custody key (base64).")
def release(file: Path, custody_key: str) -> None:
    """Check that FILE is a release of the study whose custody has this key, and that every byte is as it was signed."""
    try:
        public = base64.b64decode(custody_key, validate=True)
    except binascii.Error:
        public = b""
    if len(public) != 32:
        raise Invalid("A custody key is 32 bytes as base64.")
    found = verify_release(file, public)
    click.echo(f"Release {found.release} of {found.study}, project {found.project}, snapshot {found.snapshot}:")
    click.echo(f"{len(found.files)} files, every one as it was signed.")
