"""Write what a reminder says. Pure.

Others may read it on a screen or on its way: it names no study, no question and nobody, and leads to the room alone.
"""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from studyportal.web.mail_addresses import read_address

WORDS = "Your study has something for you."


def letter(*, to: str, sender: str, diary: str, id: str, now: datetime) -> EmailMessage:
    """The mail. Raises `Invalid` for an address that is not a plain one."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = read_address(sender), read_address(to)
    message["Subject"] = WORDS.rstrip(".")
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    where = f"\n{diary}\n" if diary else ""
    message.set_content(
        f"{WORDS}\n{where}\nYou asked for this. To end it, sign in there and open Reminders.\n"
        "Nobody reads answers to this mail.\n"
    )
    return message
