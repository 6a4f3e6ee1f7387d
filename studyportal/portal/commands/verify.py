"""`studyportal verify`: for anybody who was handed something that claims to come from a study.

`studyportal verify FILE.pdf` is short for `studyportal verify paper FILE.pdf`, and a file that ends in .json is a
receipt.
"""

import base64
import binascii
from pathlib import Path

import click

from studyportal.errors import Invalid
from studyportal.intake.course.proving import is_diary, of_diary, of_receipt
from studyportal.intake.settings import IntakeSettings
from studyportal.paper import examined
from studyportal.portal.commands.options import instance_option
from studyportal.portal.settings import read_settings
from studyportal.research.releases.verification import verify_release
from studyportal.sealing.signatures import public_of

MOST_BYTES = 20 * 1024 * 1024
SIGNERS = {"custody": "custody", "research": "the research room, with a key that custody certified"}
_key_option = click.option("--custody-key", required=True, help="The study's published custody key (base64).")


class _Papers(click.Group):
    """What is no command is the file of a receipt or of a paper."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        known = not args or args[0] in self.commands or args[0] == "--help"
        kind = "receipt" if args and args[0].lower().endswith(".json") else "paper"
        return super().parse_args(context, args if known else [kind, *args])


@click.group(cls=_Papers)
def verify() -> None:
    """Check a paper (FILE.pdf), a receipt or a downloaded diary (FILE.json), or a release that left the building."""


@verify.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_key_option
def paper(file: Path, custody_key: str) -> None:
    """Check that FILE, a PDF, comes from the study whose custody has this key, and that every byte is as it was
    signed."""
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


@verify.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--key",
    required=True,
    help="The study's published receipt key (base64). Not one out of the file: anybody can write that.",
)
@click.option(
    "--diary",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The diary that was downloaded (my-diary.json): each answer is compared with what was signed for.",
)
def receipt(file: Path, key: str, diary: Path | None) -> None:
    """Check that FILE is a receipt that the study with this key gave. Needs no network and nothing of the study.

    FILE may also be a downloaded diary alone. One sentence for each thing; exit code 1 if any does not hold.
    """
    public, data = _public(key, "receipt"), _read(file)
    if diary is None and is_diary(data):
        findings = of_diary(data, public=public)
    else:
        kept, found = of_receipt(data, public=public)
        findings = [found, *(of_diary(_read(diary), public=public, kept=kept) if diary else ())]
    for finding in findings:
        click.echo(finding.sentence)
    if faulty := sum(not finding.holds for finding in findings):
        raise Invalid(f"{faulty} of {len(findings)} do not hold. Keep the files and tell the study team.")


@verify.command()
@instance_option
def keys(instance: Path) -> None:
    """Print the two public keys of a study, for publishing where people find them without this server."""
    settings = read_settings("intake", instance)
    assert isinstance(settings, IntakeSettings)
    click.echo(f"custody, for papers and releases: {base64.b64encode(settings.custody_public).decode()}")
    click.echo(f"intake, for receipts: {base64.b64encode(public_of(settings.receipt_seed)).decode()}")


def _read(file: Path) -> bytes:
    if file.stat().st_size > MOST_BYTES:
        raise Invalid("This file is larger than 20 MB; neither a receipt nor a diary is.")
    return file.read_bytes()


def _public(key: str, whose: str = "custody") -> bytes:
    try:
        public = base64.b64decode(key.strip().replace("-", "+").replace("_", "/").rstrip("=") + "=", validate=True)
    except binascii.Error:
        public = b""
    if len(public) != 32:
        raise Invalid(f"A {whose} key is 32 bytes as base64.")
    return public
