"""Write what is mailed about an alert that waits. Pure.

Mail is read by others on its way, so it says that something waits and where. No participant, no site, no answer.
"""

from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from studyportal.web.mail_addresses import read_address

# What each step says; step 1 goes to the site, step 2 to whoever watches over the study.
WORDS: Mapping[int, str] = {
    1: "An alert has been waiting for longer than your clinic allows. Nobody has taken it on.",
    2: "An alert has been waiting for twice as long as its clinic allows. Nobody has taken it on. The clinic has been\n"
    "mailed before.",
}


def letter(step: int, *, study: str, to: str, sender: str, clinic: str, id: str, now: datetime) -> EmailMessage:
    """The message. Raises `Invalid` for an address that is not a plain one, `ValueError` for a header of two lines."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = read_address(sender), read_address(to)
    message["Subject"] = f"{study}: an alert waits"
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        f"{WORDS[step]}\n\nSign in at {clinic}\n\n"
        "This mail says no more, because others may read it on its way. Nobody reads answers to it.\n"
    )
    return message
