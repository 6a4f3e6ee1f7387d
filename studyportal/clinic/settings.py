"""What the clinic is told: what every room is told, and where the reading desk and the diary are. It holds no key."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from studyportal.web.settings import RoomSettings, origin_or_none


class ClinicSettings(RoomSettings):
    """`desk` is the Unix socket behind which custody opens what concerns this clinic's participants."""

    desk: Path
    # Where participants join, for cards and links; "" prints codes without an address.
    diary: Annotated[str, AfterValidator(origin_or_none)] = ""
