"""What the clinic is told: what every room is told, and nothing more. It holds no key."""

from studyportal.web.settings import RoomSettings


class ClinicSettings(RoomSettings):
    """The settings of the clinic room."""
