"""The clinics of the demonstration. None of them exists."""

from typing import NamedTuple


class DemoSite(NamedTuple):
    """A site's id, its name and the time zone its participants live in."""

    id: str
    name: str
    zone: str


SITES = (
    DemoSite("NS", "North Street Pain Clinic", "Europe/London"),
    DemoSite("LH", "Lindenhof Schmerzzentrum", "Europe/Berlin"),
    DemoSite("RV", "Riverside Pain Centre", "America/New_York"),
)
