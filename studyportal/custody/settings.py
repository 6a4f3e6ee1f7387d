"""What custody is told: where its key file and the shelf of snapshots are."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from studyportal.custody.delivery.settings import MailSettings
from studyportal.custody.reminders.settings import PushSettings
from studyportal.custody.spreading.settings import SchedulerSettings
from studyportal.web.settings import RoomSettings, origin_or_none


class CustodySettings(RoomSettings):
    """`desk` is the Unix socket at which the clinic asks. `key_file` is readable by custody alone (mode 0600) and
    backed up apart from every database."""

    desk: Path
    # Where participants join, for cards; "" prints codes without an address.
    diary: Annotated[str, AfterValidator(origin_or_none)] = ""
    key_file: Path
    shelf: Path
    # Where staff of the other rooms sign in, for invitations; "" shows them an invitation without an address.
    clinic: Annotated[str, AfterValidator(origin_or_none)] = ""
    research: Annotated[str, AfterValidator(origin_or_none)] = ""
    # None: nobody is mailed, and the pages say so.
    mail: MailSettings | None = None
    # None: what can be spread runs on the cores of this machine.
    scheduler: SchedulerSettings | None = None
    # None: no browser is reminded, and the page offers none.
    push: PushSettings | None = None
