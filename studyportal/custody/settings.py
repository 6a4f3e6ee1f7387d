"""What custody is told: where its key file and the shelf of snapshots are."""

from pathlib import Path

from studyportal.custody.delivery.settings import MailSettings
from studyportal.web.settings import RoomSettings


class CustodySettings(RoomSettings):
    """`desk` is the Unix socket at which the clinic asks. `key_file` is readable by custody alone (mode 0600) and backed up apart from every database."""

    desk: Path
    key_file: Path
    shelf: Path
    # None: nobody is mailed, and the pages say so.
    mail: MailSettings | None = None
