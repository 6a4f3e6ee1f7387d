"""Hold the sign-ins of a demonstration, and write them so that they fit on a screen.

They are kept beside the instance: without them a demonstration is of no use, and they open synthetic answers only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

FILE = "sign-ins.txt"


class SignIn(NamedTuple):
    """Who may sign in to which room: the name (or participant code) and the passphrase.

    `app_key` is what a member of staff would scan with an authenticator app; the sign-in page of a synthetic study
    shows the present code, so that nobody needs one.
    """

    room: str
    who: str
    name: str
    passphrase: str
    app_key: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that somebody who looks around is given."""

    sign_ins: Sequence[SignIn]
    enrolment_codes: Sequence[str]


def as_text(prepared: Prepared, origins: dict[str, str]) -> str:
    """Addresses, sign-ins and enrolment codes by room; `origins` maps each room to its address."""
    lines = []
    for room, origin in origins.items():
        lines.append(f"{room.capitalize():<10}{origin}")
        own = [one for one in prepared.sign_ins if one.room == room]
        width = max((len(one.name) for one in own), default=0)
        who = max((len(one.who) for one in own), default=0)
        words = max((len(one.passphrase) for one in own), default=0)
        for one in own:
            line = f"  {one.who:<{who}}  {one.name:<{width}}  {one.passphrase:<{words}}  {one.app_key}"
            lines.append(line.rstrip())
        if any(one.app_key for one in own):
            lines.append(
                "  The second page shows the present code; the last column is the key for an authenticator app."
            )
        if room == "intake":
            lines.append(f"  Enrolment codes to try: {', '.join(prepared.enrolment_codes)}")
        lines.append("")
    return "\n".join(lines)


def keep(text: str, folder: Path) -> None:
    """Write the text beside the instance, readable by its owner alone; done last, it says that the instance is
    whole."""
    file = folder / FILE
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")


def kept(folder: Path) -> str | None:
    """The text of a finished demonstration, or None."""
    try:
        return (folder / FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
