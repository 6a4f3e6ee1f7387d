"""What the clinic is told: what every room is told, and where the reading desk is. It holds no key."""

from pathlib import Path

from studyportal.web.settings import RoomSettings


class ClinicSettings(RoomSettings):
    """`desk` is the Unix socket behind which custody opens what concerns this clinic's participants."""

    desk: Path
