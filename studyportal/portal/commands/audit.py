"""`studyportal audit`: is the trail whole, and does it still go where it went yesterday?"""

import json
from pathlib import Path

import click

from studyportal import clock
from studyportal.audit import verify as verify_trail
from studyportal.custody.opening.key_file import load_keys
from studyportal.database import BINDS, reading
from studyportal.errors import CannotOpen, Conflict, Invalid
from studyportal.portal.commands.options import instance_option
from studyportal.portal.inside import inside
from studyportal.sealing.signatures import sign
from studyportal.sealing.signatures import verify as verify_signature

LABEL = "studyportal audit checkpoint"


@click.group()
def audit() -> None:
    """Verify the audit trail; write down where it stands."""


@audit.command()
@click.option("--witness", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="An earlier checkpoint.")
@instance_option
def verify(witness: Path | None, instance: Path) -> None:
    """Check every chain. Exit code 1 if an event was altered, is missing or (with --witness) was cut off."""
    faults = 0
    with inside("custody", instance) as settings:
        known = _witnessed(witness, load_keys(settings.key_file).public) if witness else {}
        for bind in BINDS:
            with reading(bind) as connection:
                verdict = verify_trail(connection, bind, witness=known.get(bind))
            faults += len(verdict.faults)
            click.echo(f"{bind:<10} {verdict.events} events: {'whole' if verdict.whole else 'NOT WHOLE'}")
            for fault in verdict.faults:
                click.echo(f"  {fault}")
    raise SystemExit(1 if faults else 0)


@audit.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@instance_option
def checkpoint(file: Path, instance: Path) -> None:
    """Write the heads of all chains, signed by custody, to FILE. Keep it on another machine."""
    with inside("custody", instance) as settings:
        heads = {}
        for bind in BINDS:
            with reading(bind) as connection:
                verdict = verify_trail(connection, bind)
            if not verdict.whole:
                raise Conflict(f"The trail of the {bind} is not whole; run `studyportal audit verify`.")
            heads[bind] = dict(verdict.heads)
        body = json.dumps({"at": clock.now().isoformat(), "heads": heads}, sort_keys=True)
        signature = sign(LABEL, body.encode(), key=load_keys(settings.key_file).signing)
    try:
        with file.open("x", encoding="utf-8") as out:
            json.dump({"body": body, "signature": signature.hex()}, out)
    except FileExistsError:
        raise Conflict(f"{file.name} is there already; a checkpoint is never overwritten.") from None
    click.echo(f"{sum(map(len, heads.values()))} chains are written down in {file}.")


def _witnessed(file: Path, public: bytes) -> dict[str, dict[str, str]]:
    try:
        paper = json.loads(file.read_bytes())
        verify_signature(LABEL, paper["body"].encode(), bytes.fromhex(paper["signature"]), public=public)
        return json.loads(paper["body"])["heads"]
    except CannotOpen:
        raise Invalid(f"{file.name} was not signed by this instance's custody.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Invalid(f"{file.name} is no checkpoint.") from None
