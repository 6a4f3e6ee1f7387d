"""Whose participants somebody may see here: those of the site of their account."""

from studyportal.errors import NotAllowed
from studyportal.web.access import signed_in


def own_site() -> str:
    """The caller's site; raises `NotAllowed` for an account without one."""
    site = signed_in().site
    if site is None:
        raise NotAllowed("Your account belongs to no site, so there is nobody to show.")
    return site
