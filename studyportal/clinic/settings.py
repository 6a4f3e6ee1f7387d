"""What the clinic is told: what every room is told, and where the reading desk and the diary are. It holds no key."""

from base64 import b64decode
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from studyportal.web.settings import RoomSettings, Secret, origin_or_none


class ClinicSettings(RoomSettings):
    """`desk` is the Unix socket behind which custody opens what concerns this clinic's participants;
    `custody_public_key` the public half (base64) of the key that signs papers."""

    desk: Path
    custody_public_key: Secret
    # Where participants join, for cards and links; "" prints codes without an address.
    diary: Annotated[str, AfterValidator(origin_or_none)] = ""

    @property
    def custody_public(self) -> bytes:
        return b64decode(self.custody_public_key)
