"""The command `studyportal`. Prints sentences; a refusal is one line on standard error and exit code 1.

Each command is one line in `COMMANDS` and is loaded only when it is called.
"""

import sys
from collections.abc import Mapping

import click

from studyportal.errors import Invalid, Refusal
from studyportal.portal.composing import load
from studyportal.portal.hardening import harden
from studyportal.protocol import ProtocolMistakes
from studyportal.web.request_log import place_of

HERE = "studyportal.portal.commands"

# name -> where the click command is, and what help says of it
COMMANDS: Mapping[str, tuple[str, str]] = {
    "init": (f"{HERE}.init:init", "Make an instance: keys, settings, databases."),
    "serve": (f"{HERE}.rooms:serve", "Run the four rooms, the desk and the worker."),
    "room": (f"{HERE}.rooms:room", "Run one room."),
    "desk": (f"{HERE}.rooms:desk", "Run the reading desk: the clinic asks, custody opens."),
    "work": (
        f"{HERE}.rooms:work",
        "Run a worker: custody's (withdrawals, key wrapping, folding) or research's (reports).",
    ),
    "demo": ("studyportal.portal.demo.command:demo", "Make an instance of synthetic people and serve it."),
    "import": (
        "studyportal.portal.importing.command:import_entries",
        "Take the entries of an earlier study out of a CSV file.",
    ),
    "site": (f"{HERE}.site:site", "Add and list sites."),
    "staff": (f"{HERE}.staff:staff", "Add, list and end staff accounts."),
    "custody": (f"{HERE}.custody:custody", "Issue codes, fold, publish, approve, reconcile."),
    "database": (f"{HERE}.database:database", "Bring databases up to date; set their grants."),
    "protocol": (f"{HERE}.protocol:protocol", "Check a study document, compare it, show it."),
    "access": (f"{HERE}.access:access", "Print who may do what."),
    "audit": (f"{HERE}.audit:audit", "Verify the audit trail; write down where it stands."),
    "verify": (
        f"{HERE}.verify:verify",
        "Check a paper (FILE.pdf), a receipt (FILE.json) or a release; print the keys for it.",
    ),
}


class _Building(click.Group):
    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        return load(COMMANDS[name][0]) if name in COMMANDS else None

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, sentence) for name, (_, sentence) in COMMANDS.items()])


@click.group(cls=_Building)
def building() -> None:
    """Observational studies in which answers are sealed, identities stay behind walls, and leaving is real."""


def _told(refusal: Refusal) -> str:
    """One line; only a study document with mistakes gets one line for each of them."""
    if isinstance(refusal, ProtocolMistakes):
        return refusal.report()
    problems = refusal.problems.values() if isinstance(refusal, Invalid) else ()
    return " ".join(dict.fromkeys([refusal.sentence, *problems]))


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 refused or found faulty, 2 called wrongly, 3 our mistake."""
    harden()
    try:
        sys.exit(building.main(standalone_mode=False) or 0)
    except Refusal as refusal:
        print(_told(refusal), file=sys.stderr)
        sys.exit(1)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as mistake:  # noqa: BLE001 - its text may hold values, so only its type and place are shown
        kind = f"{type(mistake).__module__}.{type(mistake).__qualname__}"
        print(f"Something went wrong on our side: {kind} at {place_of(mistake)}.", file=sys.stderr)
        sys.exit(3)


if __name__ == "__main__":
    main()
